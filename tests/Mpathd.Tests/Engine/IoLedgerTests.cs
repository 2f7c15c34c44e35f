using Mpathd.Engine;

namespace Mpathd.Tests.Engine;

public sealed class IoLedgerTests
{
    [Fact]
    public void What_is_submitted_is_under_way_until_it_ends()
    {
        var ledger = new IoLedger(4);
        ledger.Submitted(2);
        Assert.Equal(1, ledger.CountUnderWay());
        Assert.True(ledger.Ended(2));
        Assert.Equal(0, ledger.CountUnderWay());
        Assert.Equal(0, ledger.Duplicated);
    }

    [Fact]
    public void What_ends_twice_is_counted()
    {
        var ledger = new IoLedger(4);
        ledger.Submitted(2);
        ledger.Ended(2);
        Assert.False(ledger.Ended(2));
        Assert.Equal(1, ledger.Duplicated);
    }

    [Fact]
    public void An_end_too_many_is_counted_even_when_the_entry_is_in_use_again()
    {
        var ledger = new IoLedger(1);
        ledger.Submitted(0);
        ledger.Ended(0);
        ledger.Submitted(0);
        ledger.Ended(0);
        Assert.False(ledger.Ended(0));
        Assert.Equal(1, ledger.Duplicated);
    }

    [Fact]
    public void An_entry_that_is_in_use_cannot_be_used()
    {
        var ledger = new IoLedger(1);
        ledger.Submitted(0);
        Assert.Throws<InvalidOperationException>(() => ledger.Submitted(0));
    }
}
