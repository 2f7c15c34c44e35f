using System.Text;

namespace Mpathd.Output;

/// <summary>
/// The standard output, when it may be a file on a device that is full: what cannot be written is the system's lack, and
/// said as such. A reader that has gone away is no lack, and who writes is not told: who writes for ever has to ask.
/// </summary>
internal sealed class CheckedOutput : TextWriter
{
    private const int StandardOutput = 1; // STDOUT_FILENO

    private readonly TextWriter _output;

    private CheckedOutput(TextWriter output)
        : base(output.FormatProvider) => _output = output;

    /// <summary>Whether somebody may still read the standard output: false when the reader of a pipe or a socket has gone.</summary>
    public static bool HasReader => !Libc.HasHungUp(StandardOutput);

    public override Encoding Encoding => _output.Encoding;

    /// <summary>Puts it in front of <see cref="Console.Out"/>.</summary>
    public static void Install() => Console.SetOut(new CheckedOutput(Console.Out));

    /// <summary>Makes one, in front of any writer.</summary>
    public static TextWriter Of(TextWriter output) => new CheckedOutput(output);

    public override void Write(char value) => Check(_output, value, static (output, value) => output.Write(value));

    public override void Write(string? value) => Check(_output, value, static (output, value) => output.Write(value));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Check(_output, value, static (output, value) => output.WriteLine(value));

    public override void Flush() => Check(_output, 0, static (output, _) => output.Flush());

    private static void Check<T>(TextWriter output, T value, Action<TextWriter, T> write)
    {
        try
        {
            write(output, value);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw MpathdException.SystemLacks(
                $"the standard output cannot be written: {exception.Message}", "write to a device with room, or to another program", exception);
        }
    }
}
