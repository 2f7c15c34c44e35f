using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;

namespace LibMultipath.Ublk.Tests.Parameters;

/// <summary>U09 without a kernel: our validation against the driver's rules written down once more, on its own struct.</summary>
public class KernelRulesTests
{
    [Fact]
    public void U09_what_we_accept_and_only_that_satisfies_the_rules_of_the_driver()
    {
        int accepted = 0, refused = 0;
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            UblkDeviceOptions options = new RandomParameters(seed).Options();
            UblkParameters parameters = options.Parameters;
            ublk_params sent = parameters.ToAbi();
            if (UblkParameters.FromAbi(sent) != parameters)
            {
                return; // The kernel has no way to say it.
            }

            var ours = new UblkValidation();
            parameters.Check(ours, options.Features, options.MaxIoBytes, 4096);
            bool theirs = Accepts(sent, options.Features, options.MaxIoBytes);
            Assert.True(theirs == (ours.Errors.Count == ours.LateErrors), $"{seed}: {options}: {string.Join(' ', ours.Errors)}");
            _ = theirs ? accepted++ : refused++;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
        Assert.True(accepted > 100 && refused > 100, $"{accepted} accepted, {refused} refused");
    }

    // As the driver of Linux 7.2 does it, but for what it leaves out for zoned devices and then meets at the start.
    private static bool Accepts(in ublk_params p, UblkFeatures features, int maxIoBytes)
    {
        bool zoned = (features & UblkFeatures.Zoned) != 0;
        bool zonedSent = (p.types & UblkParamType.UBLK_PARAM_TYPE_ZONED) != 0;
        return p.basic is { logical_bs_shift: >= 9 and <= 12, physical_bs_shift: <= 28, io_min_shift: <= 28, io_opt_shift: <= 28, max_sectors: >= 8 }
            && p.basic.logical_bs_shift <= p.basic.physical_bs_shift
            && p.basic.max_sectors <= (maxIoBytes & ~4095) >> 9
            && (!zoned || BitOperations.IsPow2(p.basic.chunk_sectors))
            && zoned == zonedSent
            && (!zonedSent || Zones(p.zoned, p.basic))
            && (!Sent(p, UblkParamType.UBLK_PARAM_TYPE_DISCARD) || (p.discard.discard_granularity != 0 && (p.discard.max_discard_sectors == 0 || p.discard.max_discard_segments == 1)))
            && (!Sent(p, UblkParamType.UBLK_PARAM_TYPE_DMA_ALIGN) || (p.dma.alignment < 4096 && BitOperations.IsPow2(p.dma.alignment + 1)))
            && (!Sent(p, UblkParamType.UBLK_PARAM_TYPE_SEGMENT) || (BitOperations.IsPow2(p.seg.seg_boundary_mask + 1) && p.seg is { seg_boundary_mask: >= 4095, max_segment_size: >= 4096 }))
            && (!Sent(p, UblkParamType.UBLK_PARAM_TYPE_INTEGRITY) || Integrity(p.integrity, p.basic, features));
    }

    private static bool Sent(in ublk_params p, uint type) => (p.types & type) != 0;

    private static bool Zones(in ublk_param_zoned p, in ublk_param_basic basic)
    {
        ulong zones = basic.chunk_sectors == 0 ? 0 : basic.dev_sectors >> BitOperations.Log2(basic.chunk_sectors);
        return p.max_zone_append_sectors != 0 && p.max_active_zones <= zones && p.max_open_zones <= zones;
    }

    private static bool Integrity(in ublk_param_integrity p, in ublk_param_basic basic, UblkFeatures features)
    {
        int tuple = p.csum_type switch { 0 => 0, 1 or 2 => 8, 4 => 16, _ => -1 };
        return (features & UblkFeatures.Integrity) != 0 && p.flags <= 3 && tuple >= 0 && p.metadata_size != 0
            && (p.csum_type != 0 || (p.flags & 2) == 0)
            && p.pi_offset + tuple <= p.metadata_size
            && p.interval_exp >= 9 && p.interval_exp <= basic.logical_bs_shift;
    }
}
