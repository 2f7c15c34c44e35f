using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;
using LibMultipath.Topology;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Selection;

/// <summary>Every policy selects what the naive reference selects, whatever happened before.</summary>
public sealed class SelectionPropertyTests(ITestOutputHelper output)
{
    private const int Kinds = 14;

    private int _picks;
    private int _misses;

    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public void A_policy_selects_what_the_reference_selects(string policy)
    {
        Prop.ForAll(History.Any(Kinds - 1, 60), history => Play(history, policy)).Check(Seeds.Config(output, 250));
        AssertTold();
    }

    [Fact]
    public void Selection_agrees_with_the_reference_across_changes_of_the_policy()
    {
        Prop.ForAll(History.Any(Kinds, 100), history => Play(history, "numa")).Check(Seeds.Config(output, 250));
        AssertTold();
    }

    private void AssertTold() => Assert.True(_picks > 1000 && _misses > 10, $"The histories say little: {_picks} picks, {_misses} of them in vain.");

    private bool Play(History history, string policy)
    {
        using SelectionPlayer player = new(history.Setup, policy);
        foreach (Step step in history.Steps)
        {
            player.Play(step);
        }

        _picks += player.Picks;
        _misses += player.Misses;
        return true;
    }

    /// <summary>Does everything twice: to a head, and to the reference.</summary>
    private sealed class SelectionPlayer : IDisposable
    {
        private readonly Rig _rig;
        private readonly FixedNumaTopology _topology;
        private readonly NaiveHead _naive;
        private readonly List<(MpathDevice Real, NaivePath Naive)> _paths = [];
        private readonly List<(MpathController Real, NaiveController Naive)> _controllers = [];
        private readonly List<(TestDisk Disk, BioAttempt Attempt, NaiveController Controller, bool Counted)> _inFlight = [];
        private readonly int _nodes;

        public SelectionPlayer(int setup, string policy)
        {
            Random random = new(setup);
            _nodes = random.Next(1, 5);
            int[,] distances = new int[_nodes, _nodes];
            for (int from = 0; from < _nodes; from++)
            {
                for (int to = 0; to < _nodes; to++)
                {
                    distances[from, to] = from == to ? 10 : random.Next(10, 13);
                }
            }

            _topology = new FixedNumaTopology(distances);
            _naive = new NaiveHead(_nodes, (from, to) => to < _nodes ? distances[from, to] : NumaNode.RemoteDistance);

            // With a delay, so that the head outlives its last path.
            _rig = new Rig(0, IoPolicies.Numa, _topology, delay: 1000);
            for (int i = random.Next(0, 13); i > 0; i--)
            {
                Add(random.Next(), random.Next());
            }

            SetPolicy(policy);
        }

        public int Picks { get; private set; }

        public int Misses { get; private set; }

        public void Play(Step step)
        {
            switch (step.Kind)
            {
                case 0 or 1 or 2:
                    Submit(step.A % _nodes);
                    break;
                case 3 or 4:
                    Finish(step.A);
                    break;
                case 5 or 6 when _paths.Count > 0:
                    SetAccessState(step.A % _paths.Count, (MpathAccessState)(step.B % 3));
                    break;
                case 7 when _paths.Count > 0:
                    SetReady(step.A % _paths.Count, step.B % 2 == 0);
                    break;
                case 8 when _controllers.Count > 0:
                    SetController(step.A % _controllers.Count, (MpathControllerState)(step.B % 5));
                    break;
                case 9 when _paths.Count > 0 && step.B % 3 == 0:
                    Remove(step.A % _paths.Count);
                    break;
                case 10 when _paths.Count < 12:
                    Add(step.A, step.B);
                    break;
                case 11 when _paths.Count > 0:
                    _rig.Head.ClearCurrentPath(_paths[step.A % _paths.Count].Real);
                    _naive.Forget(_paths[step.A % _paths.Count].Naive);
                    break;
                case 12 when _controllers.Count > 0 && step.B % 4 == 0:
                    _controllers[step.A % _controllers.Count].Real.Initialize();
                    _controllers[step.A % _controllers.Count].Naive.Load = 0;
                    break;
                case 13:
                    SetPolicy(IoPolicies.All[step.A % 3].Name);
                    break;
                default:
                    break;
            }

            foreach ((MpathController real, NaiveController naive) in _controllers)
            {
                Assert.Equal(naive.Load, real.ActiveCount);
            }

            for (int node = 0; node < _nodes; node++)
            {
                Assert.Equal(_naive.Current[node]?.Number, NumberOf(_rig.Head.GetCurrentPath(node)));
            }
        }

        public void Dispose()
        {
            while (_inFlight.Count > 0)
            {
                Finish(0);
            }

            _rig.Dispose();
        }

        private void Submit(int node)
        {
            _topology.CurrentNode = node;
            NaivePath? expected = _naive.Select(node);
            int before = _rig.Picks.Count;
            Io io = _rig.Submit(BioFlags.NoWait);
            Picks++;
            if (expected is null)
            {
                Misses++;
                Assert.Equal(1, io.Ends);
                Assert.Equal(_rig.Disk.IsLive ? BlockStatus.Again : BlockStatus.IoError, io.Status);
                return;
            }

            Assert.Equal(before + 1, _rig.Picks.Count);
            Assert.Equal(expected.Number, _rig.Picks[^1]);
            TestDisk disk = _rig[expected.Number];
            bool counted = _naive.Policy == "queue-depth";
            expected.Controller.Load += counted ? 1 : 0;
            _inFlight.Add((disk, disk.Take(disk.Held.Count - 1), expected.Controller, counted));
        }

        private void Finish(int index)
        {
            if (_inFlight.Count == 0)
            {
                return;
            }

            (_, BioAttempt attempt, NaiveController controller, bool counted) = _inFlight[index % _inFlight.Count];
            _inFlight.RemoveAt(index % _inFlight.Count);
            Assert.True(attempt.Complete(BlockStatus.Ok));
            controller.Load -= counted && controller.Load > 0 ? 1 : 0;
        }

        private void Add(int a, int b)
        {
            // Some paths share a controller, some have no node, and some a node that the topology does not know.
            if (_controllers.Count == 0 || a % 3 != 0)
            {
                _controllers.Add((new MpathController(_controllers.Count), new NaiveController()));
            }

            (MpathController real, NaiveController naive) = _controllers[a % 3 != 0 ? ^1 : b % _controllers.Count];
            int node = (b % (_nodes + 2)) - 1;
            var naivePath = new NaivePath(_rig.Paths.Count, node, naive) { State = (MpathAccessState)((a / 7) % 3) };
            MpathDevice path = _rig.NewPath(naivePath.State, node, real);
            ((TestDisk)path.Disk).Hold = true;
            _naive.Paths.AddLast(naivePath);
            _paths.Add((path, naivePath));
            _rig.Head.Add(path);
            path.SetLive();
            _naive.SetLive(naivePath);
        }

        private void Remove(int index)
        {
            (MpathDevice path, NaivePath naive) = _paths[index];
            for (int i = _inFlight.Count - 1; i >= 0; i--)
            {
                if (ReferenceEquals(_inFlight[i].Disk, path.Disk))
                {
                    Finish(i);
                }
            }

            _paths.RemoveAt(index);
            _naive.Remove(naive);
            _rig.Head.Remove(path);
        }

        private void SetAccessState(int index, MpathAccessState state)
        {
            (MpathDevice path, NaivePath naive) = _paths[index];
            bool changed = naive.State != state;
            naive.State = state;
            path.AccessState = state;
            if (changed)
            {
                _naive.SetLive(naive);
            }
        }

        private void SetReady(int index, bool ready)
        {
            (MpathDevice path, NaivePath naive) = _paths[index];
            naive.Ready = ready;
            if (ready)
            {
                path.SetLive();
                _naive.SetLive(naive);
            }
            else
            {
                path.SetDown();
            }
        }

        private void SetController(int index, MpathControllerState state)
        {
            (MpathController controller, NaiveController naive) = _controllers[index];
            bool changed = naive.State != state;
            naive.State = state;
            controller.State = state;
            if (changed)
            {
                foreach ((_, NaivePath path) in _paths.Where(path => path.Naive.Controller == naive))
                {
                    _naive.SetLive(path);
                }
            }
        }

        private void SetPolicy(string policy)
        {
            _rig.Head.Policy.Set(IoPolicies.Parse(policy));
            _naive.SetPolicy(policy);
        }

        private int? NumberOf(MpathDevice? path) => path is null ? null : _rig.Paths.ToList().IndexOf(path);
    }
}
