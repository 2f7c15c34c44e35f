using LibMultipath.Block;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Block;

public sealed class BioWaitListTests
{
    private readonly BioWaitList _list = new();

    [Fact]
    public void All_are_taken_in_the_order_in_which_they_came()
    {
        Bio[] bios = Add(5);

        Assert.Equal(5, _list.Count);
        Assert.Equal(bios, Chain(_list.TakeAll()));
        Assert.Equal(0, _list.Count);
        Assert.Null(_list.TakeAll());
        Assert.All(bios, bio => Assert.Null(bio.WaitingOn));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void One_can_be_taken_from_anywhere_once(int index)
    {
        Bio[] bios = Add(3);

        Assert.True(_list.TryRemove(bios[index]));
        Assert.False(_list.TryRemove(bios[index]));

        Assert.Equal(2, _list.Count);
        Assert.Null(bios[index].Next);
        Assert.Null(bios[index].Previous);
        Assert.Equal(bios.Where(bio => bio != bios[index]), Chain(_list.TakeAll()));
    }

    [Fact]
    public void The_list_goes_on_after_its_last_was_taken()
    {
        Bio[] first = Add(2);
        Assert.True(_list.TryRemove(first[1]));
        Bio[] second = Add(2);
        Assert.True(_list.TryRemove(first[0]));

        Assert.Equal(second, Chain(_list.TakeAll()));
    }

    [Fact]
    public void A_bio_on_another_list_is_left_there()
    {
        var other = new BioWaitList();
        var bio = new Bio();
        other.Add(bio);

        Assert.False(_list.TryRemove(bio));
        Assert.Equal(1, other.Count);
        Assert.Same(other, bio.WaitingOn);
    }

    [Fact]
    public void Those_that_are_due_are_taken_and_the_next_time_is_told()
    {
        Bio[] bios = Add(5);
        long[] due = [30, 10, 20, 10, 40];
        for (int i = 0; i < due.Length; i++)
        {
            bios[i].DueTime = due[i];
        }

        Assert.Null(_list.TakeDue(9, out long next));
        Assert.Equal(10, next);
        Assert.Equal([bios[1], bios[3]], Chain(_list.TakeDue(10, out next)));
        Assert.Equal(20, next);
        Assert.Equal([bios[0], bios[2]], Chain(_list.TakeDue(30, out next)));
        Assert.Equal(40, next);
        Assert.Equal([bios[4]], Chain(_list.TakeDue(long.MaxValue, out next)));
        Assert.Equal(long.MaxValue, next);
        Assert.Equal(0, _list.Count);
    }

    [Fact]
    public async Task Of_those_who_race_for_a_bio_one_gets_it()
    {
        const int rounds = 20_000;
        var bios = new Bio[8];
        int[] taken = new int[bios.Length];
        for (int i = 0; i < bios.Length; i++)
        {
            bios[i] = new Bio { Tag = i };
        }

        int stop = 0;
        int total = 0;
        Task remover = Task.Run(() =>
        {
            var random = new Random(1);
            while (Volatile.Read(ref stop) == 0)
            {
                Bio bio = bios[random.Next(bios.Length)];
                if (_list.TryRemove(bio))
                {
                    Put(bio);
                }
            }
        });
        Task taker = Task.Run(() =>
        {
            while (Volatile.Read(ref stop) == 0)
            {
                foreach (Bio bio in Chain(_list.TakeAll()))
                {
                    Put(bio);
                }
            }
        });
        foreach (Bio bio in bios)
        {
            _list.Add(bio);
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref total) >= rounds || remover.IsFaulted || taker.IsFaulted, "the rounds");
        Volatile.Write(ref stop, 1);
        await Task.WhenAll(remover, taker).WaitAsync(Eventually.Limit);

        // Each is on the list again, once.
        Assert.Equal(bios.Length, _list.Count);
        Assert.Equal(Enumerable.Range(0, bios.Length).Select(i => (long)i), Chain(_list.TakeAll()).Select(bio => bio.Tag).Order());

        void Put(Bio bio)
        {
            Assert.Equal(1, Interlocked.Increment(ref taken[bio.Tag]));
            Interlocked.Increment(ref total);
            Interlocked.Decrement(ref taken[bio.Tag]);
            _list.Add(bio);
        }
    }

    private Bio[] Add(int count)
    {
        Bio[] bios = [.. Enumerable.Range(0, count).Select(_ => new Bio())];
        Assert.All(bios, bio => Assert.True(_list.Add(bio)));
        return bios;
    }

    private static List<Bio> Chain(Bio? first)
    {
        var chain = new List<Bio>();
        for (Bio? bio = first; bio is not null;)
        {
            Bio? next = bio.Next;
            chain.Add(bio);
            bio = next;
        }

        return chain;
    }
}
