namespace BdevDriver;

/// <summary>What a disk says of its geometry (<c>struct hd_geometry</c>): made up by every disk of today, and wanted by some partitioning tools.</summary>
/// <param name="Heads">Heads.</param>
/// <param name="Sectors">Sectors on a track.</param>
/// <param name="Cylinders">Cylinders; truncated on large disks.</param>
/// <param name="Start">Where a partition begins on its disk, in sectors of 512 bytes; 0 for a disk.</param>
public readonly record struct DiskGeometry(int Heads, int Sectors, int Cylinders, long Start);
