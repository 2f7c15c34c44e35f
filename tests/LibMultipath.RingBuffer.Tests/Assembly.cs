// One test at a time: they count this process's descriptors and what its threads allocate.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
