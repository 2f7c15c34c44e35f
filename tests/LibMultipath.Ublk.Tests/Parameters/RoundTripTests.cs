using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;

namespace LibMultipath.Ublk.Tests.Parameters;

public class RoundTripTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(3000);

    [Fact]
    public void What_is_accepted_comes_back_as_it_was()
    {
        int accepted = 0;
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            UblkDeviceOptions options = new RandomParameters(seed).Options();
            if (options.Check(4096).IsValid)
            {
                accepted++;
                Assert.Equal(options.Parameters, UblkParameters.FromAbi(options.Parameters.ToAbi()));
            }
        }).Check(s_config);
        Assert.InRange(accepted, 300, 3000);
    }

    [Fact]
    public void Every_section_has_its_type()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            UblkParameters parameters = new RandomParameters(seed).Options().Parameters;
            ublk_params made = parameters.ToAbi();
            Assert.Equal(152u, made.len);
            Assert.Equal(parameters.Types, made.types);
            Assert.Equal(0u, made.types & UblkParamType.UBLK_PARAM_TYPE_DEVT);
        }).Check(s_config);
    }

    [Theory]
    [InlineData(152, true, true, true)]
    [InlineData(136, true, true, false)] // before integrity
    [InlineData(116, true, false, false)] // before segments
    [InlineData(108, false, false, false)] // before DMA alignment
    public void Sections_behind_the_end_that_their_setter_knew_were_never_set(uint length, bool dma, bool segment, bool integrity)
    {
        ublk_params read = Full().ToAbi();
        read.len = length;
        UblkParameters parameters = UblkParameters.FromAbi(read);
        Assert.Equal(Full().Discard, parameters.Discard);
        Assert.Equal(dma ? 511 : null, parameters.DmaAlignment);
        Assert.Equal(segment ? Full().Segment : null, parameters.Segment);
        Assert.Equal(integrity ? Full().Integrity : null, parameters.Integrity);
    }

    [Fact]
    public void An_older_kernel_writes_less_and_knows_fewer_types()
    {
        ublk_params read = Full().ToAbi();
        Unsafe.InitBlock(ref Unsafe.AddByteOffset(ref Unsafe.As<ublk_params, byte>(ref read), 108), 0, 152 - 108);
        read.len = 108;
        read.types &= 0xf;
        Assert.Equal(Full() with { DmaAlignment = null, Segment = null, Integrity = null }, UblkParameters.FromAbi(read));
    }

    [Fact]
    public void A_device_without_parameters_has_numbers_all_the_same()
    {
        var read = new ublk_params { types = UblkParamType.UBLK_PARAM_TYPE_DEVT };
        read.devt.char_major = 240;
        read.devt.char_minor = 7;
        UblkParameters parameters = UblkParameters.FromAbi(read);
        Assert.False(parameters.AreSet);
        Assert.Equal(new UblkDeviceNumbers(240, 7, 0, 0), parameters.Devt);
    }

    [Fact]
    public void What_a_stranger_set_beyond_our_range_is_held_at_its_end()
    {
        ublk_params read = Full().ToAbi();
        read.discard.max_discard_sectors = uint.MaxValue;
        read.basic.dev_sectors = ulong.MaxValue;
        read.basic.io_opt_shift = 255;
        UblkParameters parameters = UblkParameters.FromAbi(read);
        Assert.Equal(int.MaxValue, parameters.Discard!.MaxSectors);
        Assert.Equal(long.MaxValue, parameters.DevSectors);
        Assert.Equal(1 << 30, parameters.IoOpt);
    }

    private static UblkParameters Full() => new()
    {
        DevSectors = 2048,
        IoMin = 4096,
        Attributes = UblkAttributes.VolatileCache,
        Discard = new UblkDiscard { MaxSectors = 8, MaxWriteZeroesSectors = 16 },
        DmaAlignment = 511,
        Segment = new UblkSegment { BoundaryMask = 65535, MaxSize = 65536, MaxSegments = 3 },
        Integrity = new UblkIntegrity { Checksum = UblkChecksum.Crc16T10Dif, TagSize = 2 },
    };
}
