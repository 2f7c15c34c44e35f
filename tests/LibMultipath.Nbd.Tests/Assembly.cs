// One test at a time: they count this process's descriptors and what its threads allocate, and the servers share the machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
