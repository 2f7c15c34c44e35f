using LibMultipath.Block;

namespace LibMultipath.Attributes;

/// <summary>A text that can be read, and perhaps written, under a name (<c>struct device_attribute</c>).</summary>
/// <remarks>All members may be used on any thread. Storing may block for a grace period of the head.</remarks>
public sealed class MpathAttribute : MpathAttributeNode
{
    private readonly Func<string?> _show;
    private readonly Action<string>? _store;

    /// <summary>Makes an attribute.</summary>
    /// <param name="name">Its name within its group.</param>
    /// <param name="show">Gives the value, without an end of line; null when there is none to show. On any thread.</param>
    /// <param name="store">
    /// Takes a new value, without the end of the line. It throws a <see cref="BlockException"/>, <see cref="ArgumentException"/>
    /// or <see cref="FormatException"/> for one that it does not take, and has changed nothing then. Null for an attribute
    /// that can only be read.
    /// </param>
    /// <exception cref="ArgumentException">It cannot have that name.</exception>
    public MpathAttribute(string name, Func<string?> show, Action<string>? store = null)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(show);
        _show = show;
        _store = store;
    }

    /// <summary>Whether it can be written.</summary>
    public bool IsWritable => _store is not null;

    /// <summary>The value as the kernel shows it: one line that ends in a newline, or nothing at all.</summary>
    /// <exception cref="BlockException">It cannot be read: what it tells of is gone (ENODEV), or its driver failed (EIO).</exception>
    public string Show()
    {
        try
        {
            return _show() is { } value ? value.ReplaceLineEndings(" ") + '\n' : "";
        }
        catch (Exception exception) when (exception is not BlockException)
        {
            throw Failed(exception, "read");
        }
    }

    /// <summary>Sets the value.</summary>
    /// <param name="text">The value; one newline may end it, as <c>echo</c> writes it.</param>
    /// <exception cref="BlockException">
    /// The value is none (EINVAL), the attribute can only be read (EACCES), what it tells of is gone (ENODEV), or its driver
    /// failed (EIO). Nothing has changed.
    /// </exception>
    public void Store(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_store is null)
        {
            throw new BlockException(Errno.EACCES, $"{Name} can be read, not written");
        }

        string value = text.EndsWith('\n') ? text[..^1] : text;
        try
        {
            _store(value);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw new BlockException(Errno.EINVAL, $"{Name} does not take '{value}': {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is not BlockException)
        {
            throw Failed(exception, "written");
        }
    }

    private BlockException Failed(Exception exception, string done) =>
        new(exception is ObjectDisposedException ? Errno.ENODEV : Errno.EIO, $"{Name} cannot be {done}: {exception.Message}", exception);
}
