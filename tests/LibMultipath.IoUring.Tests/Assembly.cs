// One test at a time: they count this process's descriptors and mappings, and one lowers its limits.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
