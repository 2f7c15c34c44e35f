using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Attributes;

namespace LibMultipath.Tests.Attributes;

public sealed class KernelNumberTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("+7", 7)]
    [InlineData("1000", 1000)]
    [InlineData("0x10", 16)]
    [InlineData("0XfF", 255)]
    [InlineData("+0x0", 0)]
    [InlineData("010", 8)]
    [InlineData("00", 0)]
    [InlineData("0000000000000000000000000001", 1)]
    public void Decimal_hexadecimal_and_octal_are_read(string text, ulong expected)
    {
        Assert.True(KernelNumber.TryParse(text, ulong.MaxValue, out ulong number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("++1")]
    [InlineData("-1")]
    [InlineData("-0")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1\n")]
    [InlineData("\n")]
    [InlineData("0x")]
    [InlineData("0xg")]
    [InlineData("08")]
    [InlineData("1e3")]
    [InlineData("1_000")]
    [InlineData("ten")]
    [InlineData("١")]
    public void What_the_kernel_does_not_read_is_refused(string text)
    {
        Assert.False(KernelNumber.TryParse(text, ulong.MaxValue, out ulong number));
        Assert.Equal(0ul, number);
    }

    [Theory]
    [InlineData("18446744073709551615", ulong.MaxValue, true)]
    [InlineData("18446744073709551616", ulong.MaxValue, false)]
    [InlineData("0xffffffffffffffff", ulong.MaxValue, true)]
    [InlineData("0x10000000000000000", ulong.MaxValue, false)]
    [InlineData("99999999999999999999999999999999999999999999999999", ulong.MaxValue, false)]
    [InlineData("100", 100, true)]
    [InlineData("101", 100, false)]
    public void A_number_beyond_the_greatest_is_refused(string text, ulong most, bool taken) =>
        Assert.Equal(taken, KernelNumber.TryParse(text, most, out _));

    [Fact]
    public void Every_number_is_read_in_each_of_its_forms() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), number =>
        {
            string[] forms =
            [
                number.ToString(CultureInfo.InvariantCulture),
                $"+{number}",
                $"0x{number:x}",
                $"0X{number:X8}",
                $"0{OctalOf(number)}",
            ];
            return forms.All(form => KernelNumber.TryParse(form, ulong.MaxValue, out ulong read) && read == number)
                && (number == 0 || forms.All(form => !KernelNumber.TryParse(form, number - 1, out _)));
        }).QuickCheckThrowOnFailure();

    private static string OctalOf(ulong number) => number == 0 ? "" : OctalOf(number / 8) + (number % 8);
}
