using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using LibMultipath.RingBuffer.Tests.Kit;
using RingPeer;
using Xunit.Abstractions;

namespace LibMultipath.RingBuffer.Tests.Processes;

/// <summary>
/// A producing and a consuming process, killed at random and started again. LIBMULTIPATH_RING_RECORDS says how many
/// records are produced; one of sixteen is discarded, so that a million come.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 24;

    private readonly string _folder = Directory.CreateTempSubdirectory("ring-").FullName;

    [Fact]
    public void Through_two_processes_that_are_killed_nothing_comes_torn_and_all_that_was_submitted_comes() => Run("consume");

    [Fact]
    public void Through_two_processes_that_are_killed_nothing_comes_twice_when_it_is_to_come_once() => Run("consume-once");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Run(string consume)
    {
        Random random = Seeds.Random(output);
        int records = int.TryParse(Environment.GetEnvironmentVariable("LIBMULTIPATH_RING_RECORDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : 1_100_000;
        string logFile = Path.Combine(_folder, "log");
        using var log = new PeerLog(logFile, records);
        using var ring = new Holder(Path.Combine(_folder, "socket"));
        using var producer = new Peer("produce", logFile, records, ring);
        using var consumer = new Peer(consume, logFile, records, ring);
        producer.Start();
        consumer.Start();
        int killed = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            // By progress, not by time: some are killed in the middle of things on a fast machine, too.
            // Nor do they get far ahead of who kills them.
            long target = (long)((kill + random.NextDouble()) * records / Kills);
            Volatile.Write(ref log.Bound, target + (records / Kills));
            Eventually.True(() => Volatile.Read(ref log.Next) >= target || producer.HasFailed || consumer.HasFailed, $"record {target}", TimeSpan.FromMinutes(2));
            Assert.False(producer.HasFailed || consumer.HasFailed, producer.Said + consumer.Said);
            int whom = random.Next(3);
            if (whom != 1 && producer.Kill())
            {
                killed++;
                producer.Start();
            }

            if (whom != 0 && consumer.Kill())
            {
                killed++;
                consumer.Start();
            }
        }

        Volatile.Write(ref log.Bound, long.MaxValue);
        producer.AssertSucceeds();
        consumer.AssertSucceeds();
        Check(log);
        output.WriteLine($"{killed} kills, {log.Handled} records, {log.Repeated} given again to the next consumer, {log.Skipped} left out for it, {log.Skips} skips.");
        Assert.True(killed >= Kills / 2, $"Only {killed} were killed.");
    }

    private void Check(PeerLog log)
    {
        long unsure = 0, reserved = 0, lost = 0;
        for (long record = 0; record < log.Records; record++)
        {
            bool handled = log.HandledBy(record) != 0;
            switch (log.StepOf(record))
            {
                case Step.Submitted:
                    lost += handled ? 0 : 1;
                    break;
                case Step.Submitting:
                    unsure++;
                    break;
                default:
                    reserved += log.StepOf(record) == Step.Reserving ? 1 : 0;
                    Assert.False(handled, $"Record {record} came, and was never submitted: {log.StepOf(record)}.");
                    break;
            }
        }

        // Not more than consumers were killed with and their followers left out, and none of those comes again.
        Assert.InRange(lost, 0, log.Skipped);

        // Not more than the producers were killed with.
        Assert.InRange(unsure + reserved, 0, 2 * Kills);
        output.WriteLine($"{reserved} records were reserved, or nearly, when their producer was killed; {unsure} were being submitted.");
    }

    /// <summary>Holds the memory, as a supervisor does, and gives its peers the descriptors that are theirs.</summary>
    private sealed class Holder : IDisposable
    {
        private readonly UserRingDescriptors _producers;
        private readonly UserRingDescriptors _consumers;
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public Holder(string socket)
        {
            Socket = socket;
            using (UserRingBuffer ring = Rings.Make(16 * Rings.Page))
            {
                _producers = ring.DescriptorsForProducer();
                _consumers = ring.DescriptorsForConsumer();
            }

            _listener.Bind(new UnixDomainSocketEndPoint(socket));
            _listener.Listen(4);
        }

        public string Socket { get; }

        public void Serve(bool producer)
        {
            // A peer that dies before it has come must not be waited for.
            Assert.True(_listener.Poll(Eventually.Limit, SelectMode.SelectRead), "No peer has come for its descriptors.");
            using Socket peer = _listener.Accept();
            (producer ? _producers : _consumers).Send(peer);
        }

        public void Dispose()
        {
            _listener.Dispose();
            _producers.Dispose();
            _consumers.Dispose();
        }
    }

    private sealed class Peer(string role, string log, int records, Holder ring) : IDisposable
    {
        private Process? _process;
        private Task<string>? _errors;

        public bool HasFailed => _process is { HasExited: true, ExitCode: not 0 };

        public string Said => HasFailed ? $"{role}: {_errors!.Result}" : "";

        public void Start()
        {
            _process?.Dispose();
            _process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RingPeer.dll"), role, ring.Socket, log, records.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
            _errors = _process.StandardError.ReadToEndAsync();
            ring.Serve(role == "produce");
        }

        /// <summary>False when it had ended before.</summary>
        public bool Kill()
        {
            _process!.Kill();
            _process.WaitForExit();
            return _process.ExitCode != 0;
        }

        public void AssertSucceeds()
        {
            Assert.True(_process!.WaitForExit(TimeSpan.FromMinutes(2)), $"{role} does not end.");
            Assert.True(_process.ExitCode == 0, Said);
        }

        public void Dispose()
        {
            if (_process is { HasExited: false })
            {
                Kill();
            }

            _process?.Dispose();
        }
    }
}
