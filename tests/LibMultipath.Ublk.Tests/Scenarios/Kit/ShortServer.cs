using LibMultipath.IoUring.Tests.Kit;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Runner;
using LibMultipath.Ublk.Tests.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A program that makes, serves and disposes of devices with few descriptors left, and says what it sees.</summary>
internal static class ShortServer
{
    /// <summary>The argument that this program is started with.</summary>
    public const string Argument = "short";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>Starts it, and waits for it.</summary>
    /// <returns>What it said.</returns>
    public static string Run() => FewDescriptors.Run(Argument);

    /// <summary>The program.</summary>
    public static void Serve()
    {
        using UblkControl control = UblkControl.Open();

        // What is loaded on first use is loaded while files can be opened.
        Outcome(() => Serve(control, () => { }));
        Outcome(() => UblkDevice.Attach(control, UblkDeviceOptions.MostDevices - 1));
        using (UblkDevice taken = UblkDevice.Create(control, Small.Options()))
        {
            Outcome(() => UblkDevice.Create(control, Small.Options() with { Id = taken.Id }));
        }

        foreach (int free in (int[])[0, 1, 2])
        {
            Say($"create with {free}", () =>
            {
                FewDescriptors.Leave(free);
                UblkDevice.Create(control, Small.Options()).Dispose();
            });
        }

        foreach (int free in (int[])[0, 1, 2])
        {
            Say($"dispose with {free}", () =>
            {
                UblkDevice device = UblkDevice.Create(control, Small.Options());
                FewDescriptors.Leave(free);
                device.Dispose();
            });
        }

        foreach (int free in (int[])[1, 2])
        {
            Say($"serve with {free}", () => Serve(control, () => FewDescriptors.Leave(free)));
        }
    }

    private static void Serve(UblkControl control, Action before)
    {
        using UblkDevice device = UblkDevice.Create(control, Small.Options());
        before();
        try
        {
            using UblkRunner runner = UblkRunner.Start(device, new MemoryTarget(), new UblkRunnerOptions { Timeout = s_limit });
            runner.Stop(s_limit);
        }
        finally
        {
            FewDescriptors.GiveBack();
        }
    }

    private static void Say(string doing, Action action)
    {
        string outcome = Outcome(action);
        FewDescriptors.GiveBack();
        SpinWait.SpinUntil(() => UblkControl.ListIds().Count == 0, Eventually.Limit);
        Console.WriteLine($"{doing}: {outcome}; {UblkControl.ListIds().Count} devices");
    }

    private static string Outcome(Action action)
    {
        try
        {
            action();
            return "done";
        }
        catch (UblkException exception)
        {
            return exception.Message;
        }
    }
}
