using System.Diagnostics;

namespace LibMultipath.RingBuffer.Tests.Kit;

/// <summary>Something that goes wrong seldom is done again and again for a while.</summary>
internal static class Race
{
    private static readonly TimeSpan s_while = TimeSpan.FromSeconds(1.5);

    public static void For(Action round)
    {
        long begin = Stopwatch.GetTimestamp();
        do
        {
            round();
        }
        while (Stopwatch.GetElapsedTime(begin) < s_while);
    }
}
