using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace VmHarness.Guest;

/// <summary>The kernel's messages since a moment.</summary>
internal sealed partial class KernelLog
{
    private const int ReadAll = 3; // SYSLOG_ACTION_READ_ALL
    private const int Size = 256 * 1024;

    private readonly double _from;

    private KernelLog(double from) => _from = from;

    public static KernelLog Now() => new(Environment.TickCount64 / 1000.0);

    /// <summary>Those that were written since, under a headline; empty when there are none, or they may not be read.</summary>
    public string Since()
    {
        var text = string.Join('\n', Lines().Where(line => Time(line) >= _from));
        return text.Length == 0 ? "" : $"\n--- kernel messages\n{text}\n";
    }

    private static string[] Lines()
    {
        var buffer = new byte[Size];
        var length = ReadLog(ReadAll, buffer, buffer.Length);
        return length <= 0 ? [] : Encoding.UTF8.GetString(buffer, 0, length).TrimEnd().Split('\n');
    }

    /// <summary>"&lt;6&gt;[   12.345678] text": the seconds.</summary>
    private static double Time(string line)
    {
        var open = line.IndexOf('[', StringComparison.Ordinal);
        var close = line.IndexOf(']', StringComparison.Ordinal);
        return open >= 0 && close > open
            && double.TryParse(line.AsSpan(open + 1, close - open - 1), CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : 0;
    }

    [LibraryImport("libc", EntryPoint = "klogctl")]
    private static partial int ReadLog(int type, [Out] byte[] buffer, int length);
}
