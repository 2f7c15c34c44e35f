using System.Text;
using VmHarness.Records;

namespace VmHarness.Machines;

/// <summary>Follows the journal while the guest writes it; only whole lines count.</summary>
internal sealed class JournalReader(Layout layout) : IDisposable
{
    private readonly FileStream _file = new(layout.Journal, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
    private readonly List<byte> _line = [];

    public void ReadNew(Action<Line> note)
    {
        var buffer = new byte[64 * 1024];
        while (_file.Read(buffer) is > 0 and var count)
        {
            foreach (var value in buffer.AsSpan(0, count))
            {
                if (value != '\n')
                {
                    _line.Add(value);
                    continue;
                }

                note(Line.FromJson(Encoding.UTF8.GetString([.. _line])));
                _line.Clear();
            }
        }
    }

    public void Dispose() => _file.Dispose();
}
