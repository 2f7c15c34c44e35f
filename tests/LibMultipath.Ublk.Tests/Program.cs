using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests;

/// <summary>What this assembly does when a test starts it as a program of its own: to be killed, or to have few descriptors.</summary>
internal static class Program
{
    public static void Main(string[] arguments)
    {
        if (arguments is [ShortServer.Argument])
        {
            ShortServer.Serve();
        }
        else
        {
            HalfServer.Serve(arguments);
        }
    }
}
