namespace LibMultipath.Passthrough;

/// <summary>What a disk says of its heads and cylinders, for those who still ask (<c>struct hd_geometry</c>).</summary>
/// <param name="Heads">From 1 to 255.</param>
/// <param name="Sectors">Sectors of a track, of 512 bytes.</param>
/// <param name="Cylinders">Cylinders.</param>
public readonly record struct DiskGeometry(int Heads, int Sectors, int Cylinders);
