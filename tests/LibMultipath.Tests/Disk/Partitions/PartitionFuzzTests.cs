using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Disk.Partitions;
using LibMultipath.Tests.Kit;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Disk.Partitions;

/// <summary>Disks that mean harm: nothing is thrown, nothing outside of the disk is read or listed, and it ends.</summary>
public sealed class PartitionFuzzTests(ITestOutputHelper output)
{
    private const int Blocks = 256;
    private const int Times = 1000;

    [Fact]
    public void Random_bytes_are_harmless() =>
        Prop.ForAll(Numbers(), seed =>
        {
            Random random = new(seed);
            DiskImage disk = new(512, 1 + random.Next(Blocks));
            random.NextBytes(disk.Bytes);
            return IsHarmless(random.Next(2) == 0 ? disk : disk.WithSignature(0));
        }).Check(Seeds.Config(output, Times));

    [Fact]
    public void Records_of_random_entries_everywhere_are_harmless() =>
        Prop.ForAll(Numbers(), seed =>
        {
            Random random = new(seed);
            DiskImage disk = new(512, Blocks);
            for (int block = 0; block < Blocks; block++)
            {
                for (int slot = 0; slot < 4; slot++)
                {
                    byte type = random.GetItems<byte>([0x83, 0x05, 0x0F, 0x85, 0x00], 1)[0];
                    disk.WithSlot(block, slot, type, Number(random), Number(random));
                }
            }

            return IsHarmless(disk);
        }).Check(Seeds.Config(output, Times));

    [Fact]
    public void Mutated_tables_are_harmless() =>
        Prop.ForAll(Numbers(), seed =>
        {
            Random random = new(seed);
            DiskImage disk = Valid(random);
            Mutate(disk, random);
            return IsHarmless(disk);
        }).Check(Seeds.Config(output, Times));

    [Fact]
    public void Mutated_headers_with_checksums_made_right_are_harmless() =>
        Prop.ForAll(Numbers(), seed =>
        {
            Random random = new(seed);
            DiskImage disk = new DiskImage(512, Blocks).WithGpt(partitions: [(50, 60, "a"), (61, 200, "b")]);
            foreach (long header in new[] { 1L, Blocks - 1 })
            {
                int field = random.GetItems([12, 24, 32, 36, 40, 44, 48, 72, 76, 80, 84, 88], 1)[0];
                BitConverter.TryWriteBytes(disk.Block(header)[field..], Number(random));
                disk.SealHeader(header);
            }

            return IsHarmless(disk);
        }).Check(Seeds.Config(output, Times));

    [Fact]
    public void Mutated_entries_with_checksums_made_right_are_harmless() =>
        Prop.ForAll(Numbers(), seed =>
        {
            Random random = new(seed);
            DiskImage disk = new DiskImage(512, Blocks).WithGpt(partitions: [(50, 60, "a"), (61, 200, "b")]);
            for (int i = 0; i < 20; i++)
            {
                disk.Bytes[(2 * 512) + random.Next(256)] = (byte)random.Next(256);
            }

            disk.SealEntries(1);
            return disk.Read().Kind == PartitionTableKind.Gpt && IsHarmless(disk);
        }).Check(Seeds.Config(output, Times));

    [Fact]
    public void Tables_that_were_cut_short_are_harmless() =>
        Prop.ForAll(Numbers(), seed =>
        {
            Random random = new(seed);
            DiskImage disk = Valid(random);
            int blocks = 1 + random.Next(Blocks);
            return IsHarmless(new DiskImage(disk.BlockSize, blocks) { Bytes = disk.Bytes[..(blocks * disk.BlockSize)] });
        }).Check(Seeds.Config(output, Times));

    private static Arbitrary<int> Numbers() => ArbMap.Default.GeneratorFor<int>().Resize(int.MaxValue).ToArbitrary();

    private static DiskImage Valid(Random random)
    {
        DiskImage disk = new(random.Next(4) == 0 ? 4096 : 512, Blocks);
        return random.Next(2) == 0
            ? disk.WithGpt(partitions: [(50, 60, "a"), (61, 200, "b")])
            : disk.WithSlot(0, 0, 0x83, 1, 9).WithSlot(0, 1, 0x05, 10, 200)
                .WithSlot(10, 0, 0x83, 1, 9).WithSlot(10, 1, 0x05, 20, 20)
                .WithSlot(30, 0, 0x83, 1, 9).WithSlot(30, 1, 0x05, 50, 20)
                .WithSlot(60, 0, 0x83, 1, 9);
    }

    // The bytes that matter are few, so a mutation falls on the blocks that hold a table.
    private static void Mutate(DiskImage disk, Random random)
    {
        for (int i = 0; i < 8; i++)
        {
            long block = random.GetItems([0, 0, 1, 2, 10, 30, 60, Blocks - 1], 1)[0];
            int offset = random.Next(2) == 0 ? 446 + random.Next(66) : random.Next(128);
            disk.Block(block)[offset] = (byte)random.Next(256);
        }
    }

    private static uint Number(Random random) => random.Next(4) switch
    {
        0 => (uint)random.NextInt64(1L << 32),
        1 => uint.MaxValue - (uint)random.Next(4),
        _ => (uint)random.Next(Blocks + 8),
    };

    private static bool IsHarmless(DiskImage disk)
    {
        PartitionTable table = disk.Read();
        Assert.Equal(table.Partitions.OrderBy(p => p.Number).Select(p => p.Number).Distinct(), table.Partitions.Select(p => p.Number));
        Assert.InRange(disk.Reads, 0, 30_000);
        return table.Partitions.All(p =>
            p.Number is >= 1 and <= PartitionTable.MaxPartitions
            && p.StartSector >= 0 && p.SectorCount > 0
            && p.StartSector <= disk.CapacitySectors - p.SectorCount);
    }
}
