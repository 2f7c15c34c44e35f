using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Reclamation;

/// <summary>What holds for every sequence of calls, whatever threads make them.</summary>
public sealed class SrcuPropertyTests(ITestOutputHelper output)
{
    [Fact]
    public void Counts_of_sections_follow_a_model_that_counts_them_in_a_list()
        => Prop.ForAll(ArbMap.Default.ArbFor<(byte Thread, byte Operation)[]>(), static script =>
        {
            SrcuReaders readers = new SrcuGracePeriods(NullLogger.Instance, int.MaxValue, ordinaryBarrier: false).Readers;
            List<uint> open = [];
            using Crew crew = new();
            return script.All(step =>
            {
                bool agrees = true;
                crew.On(step.Thread % Crew.Size, () => agrees = Step(readers, open, step.Operation));
                return agrees;
            });
        }).Check(Seeds.Config(output, times: 50));

    [Fact]
    public void A_grace_period_ends_exactly_when_the_sections_before_it_have()
        => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), static script =>
        {
            using SrcuDomain domain = new();
            List<SrcuToken> before = [];
            List<SrcuToken> after = [];
            Task? gracePeriod = null;
            bool holds = true;
            foreach (byte operation in script)
            {
                List<SrcuToken> some = gracePeriod is null ? before : after;
                switch (operation % 4)
                {
                    case 0 or 1:
                        some.Add(domain.ReadLock());
                        break;
                    case 2 when before.Count > 0:
                        domain.ReadUnlock(before[operation % before.Count]);
                        before.RemoveAt(operation % before.Count);
                        break;
                    default:
                        gracePeriod ??= domain.SynchronizeAsync();
                        break;
                }
                // It is carried on by the thread that ends a section, and there is no other thread here.
                holds &= gracePeriod is null || gracePeriod.IsCompleted == (before.Count == 0);
                holds &= domain.ReadersInFlight == before.Count + after.Count;
            }
            before.ForEach(domain.ReadUnlock);
            after.ForEach(domain.ReadUnlock);
            return holds;
        }).Check(Seeds.Config(output, times: 50));

    [Fact]
    public void A_sum_is_the_sum_of_what_was_added_on_any_thread()
        => Prop.ForAll(ArbMap.Default.ArbFor<(byte Thread, byte Counter, int Value)[]>(), static script =>
        {
            PerThreadCounters counters = new();
            using Crew crew = new();
            foreach ((byte thread, byte counter, int value) in script)
            {
                crew.On(thread % Crew.Size, () => counters.AddPair(counter % 16, value, (counter + 1) % 16, 1));
            }
            return Enumerable.Range(0, PerThreadCounters.Count).All(i =>
                counters.Sum(i) == script.Sum(step => (step.Counter % 16 == i ? (long)step.Value : 0) + ((step.Counter + 1) % 16 == i ? 1 : 0)));
        }).Check(Seeds.Config(output, times: 50));

    private static bool Step(SrcuReaders readers, List<uint> open, byte operation)
    {
        switch (operation % 4)
        {
            case 0 or 1:
                open.Add(readers.Enter());
                break;
            case 2 when open.Count > 0:
                readers.Exit(open[operation % open.Count]);
                open.RemoveAt(operation % open.Count);
                break;
            default:
                readers.Flip();
                break;
        }
        return readers.InFlight() == open.Count
            && readers.IsDrained(0) == !open.Contains(0u)
            && readers.IsDrained(1) == !open.Contains(1u);
    }

    /// <summary>A few threads that do what they are told, one at a time.</summary>
    private sealed class Crew : IDisposable
    {
        internal const int Size = 3;

        private readonly BlockingCollection<Action>[] _work
            = [.. Enumerable.Range(0, Size).Select(static _ => new BlockingCollection<Action>())];

        private readonly OtherThread[] _threads;

        internal Crew()
            => _threads =
            [
                .. _work.Select(static work => OtherThread.Start(() =>
                {
                    foreach (Action action in work.GetConsumingEnumerable())
                    {
                        action();
                    }
                })),
            ];

        internal void On(int thread, Action action)
        {
            using ManualResetEventSlim done = new();
            _work[thread].Add(() =>
            {
                action();
                done.Set();
            });
            Assert.True(done.Wait(Eventually.Limit));
        }

        public void Dispose()
        {
            Array.ForEach(_work, static work => work.CompleteAdding());
            Array.ForEach(_threads, static thread => thread.Join());
            Array.ForEach(_work, static work => work.Dispose());
        }
    }
}
