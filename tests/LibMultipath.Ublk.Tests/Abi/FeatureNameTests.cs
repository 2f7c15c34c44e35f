using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Tests.Abi;

public class FeatureNameTests
{
    [Fact]
    public void U10_all_twenty_features_have_a_name_of_their_own()
    {
        Assert.Equal((UblkFeatures)0xfffff, UblkFeatureNames.Known);
        Assert.Equal(20, UblkFeatureNames.Known.Names().Distinct().Count());
        Assert.DoesNotContain(UblkFeatureNames.Known.Names(), name => name.StartsWith("bit ", StringComparison.Ordinal));
        Assert.Equal(20, Enum.GetValues<UblkFeatures>().Count(feature => feature != 0));
    }

    [Fact]
    public void U10_an_unknown_bit_is_told_by_its_number() =>
        Assert.Equal("SUPPORT_ZERO_COPY, SHMEM_ZC, bit 20, bit 63", ((UblkFeatures)0x8000_0000_0018_0001).ToText());

    [Fact]
    public void No_feature_is_a_word_too() => Assert.Equal("none", UblkFeatures.None.ToText());
}
