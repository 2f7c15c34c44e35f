using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>A server whose process may open no more: it is told so, and no device is left behind.</summary>
public sealed class ShortageTests
{
    private const string Many = "Too many open files (EMFILE); the process has too many descriptors open: raise the limit with ulimit -n or LimitNOFILE=";

    [UblkFact(Kernel = "7.2")]
    public void Without_descriptors_there_is_no_device_but_the_limit_and_what_to_do_and_nothing_is_left()
    {
        string said = ShortServer.Run();
        Assert.Contains($"create with 0: ublk needs io_uring: {Many}; 0 devices\n", said);
        Assert.Contains($"create with 1: ublk needs io_uring: {Many}; 0 devices\n", said);
        Assert.Contains("dispose with 0: done; 0 devices\n", said);
        Assert.Contains("dispose with 1: done; 0 devices\n", said);
        Assert.Contains("dispose with 2: done; 0 devices\n", said);
        Assert.Contains("serve with 1: starting ublk device 0: there is no thread to be had: descriptors, threads or memory are short (EAGAIN); "
            + "raise the limits with ulimit -n and -u, or LimitNOFILE= and TasksMax=; 0 devices\n", said);
        Assert.Contains($"serve with 2: ublk needs io_uring: {Many}; 0 devices\n", said);
    }
}
