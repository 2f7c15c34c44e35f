// One test at a time: they count this process's descriptors and its allocations.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
