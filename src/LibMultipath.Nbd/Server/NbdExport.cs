using System.Text;
using LibMultipath.Disk;

namespace LibMultipath.Nbd.Server;

/// <summary>A disk as NBD clients see it: a name, what it is for people, and whether it may be written.</summary>
/// <remarks>
/// Immutable; may be added to any number of servers. Size and limits are the disk's at the time when a client connects: a
/// client keeps the size that it was told, and the disk refuses what is past its end by then.
/// </remarks>
public sealed class NbdExport
{
    /// <summary>Makes an export.</summary>
    /// <param name="name">What clients ask for, at most 4096 bytes of UTF-8; empty for the default export.</param>
    /// <param name="disk">The disk. Its maker keeps it; while the export is added it is open.</param>
    /// <param name="description">For people who list the exports, at most 4096 bytes of UTF-8.</param>
    /// <param name="readOnly">Whether clients may only read, although the disk could be written.</param>
    /// <exception cref="ArgumentException">A text is too long.</exception>
    /// <exception cref="NotSupportedException">The disk is zoned, which NBD has no words for.</exception>
    public NbdExport(string name, MpathDisk disk, string? description = null, bool readOnly = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(disk);
        ThrowIfTooLong(name, nameof(name));
        ThrowIfTooLong(description ?? "", nameof(description));
        if (disk.IsZoned)
        {
            throw new NotSupportedException($"{disk.Name} is zoned, and NBD clients know nothing of zones; show it with ublk.");
        }

        Name = name;
        Disk = disk;
        Description = description;
        IsReadOnly = readOnly;
    }

    /// <summary>What clients ask for; empty for the default export.</summary>
    public string Name { get; }

    /// <summary>The disk.</summary>
    public MpathDisk Disk { get; }

    /// <summary>For people who list the exports.</summary>
    public string? Description { get; }

    /// <summary>Whether clients may only read, whatever the disk allows.</summary>
    public bool IsReadOnly { get; }

    /// <inheritdoc/>
    public override string ToString() => $"'{Name}' ({Disk.Name})";

    private static void ThrowIfTooLong(string text, string name)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > NbdAddress.MaxNameLength)
        {
            throw new ArgumentException($"The {name} of an export has at most {NbdAddress.MaxNameLength} bytes, this one {bytes}.", name);
        }
    }
}
