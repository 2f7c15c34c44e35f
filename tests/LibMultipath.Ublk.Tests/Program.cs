using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests;

/// <summary>What this assembly does when a test starts it as a program of its own, to be killed.</summary>
internal static class Program
{
    public static void Main(string[] arguments) => HalfServer.Serve(arguments);
}
