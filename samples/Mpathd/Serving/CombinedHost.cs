namespace Mpathd.Serving;

/// <summary>Shows one disk in several ways at once: they come and go together, and the end of one is the end of all.</summary>
internal sealed class CombinedHost : IDiskHost
{
    private readonly IDiskHost[] _hosts;

    /// <summary>Takes hosts of one disk, which are disposed with it.</summary>
    /// <param name="hosts">At least one; it goes by the name of the first.</param>
    public CombinedHost(params IDiskHost[] hosts)
    {
        _hosts = hosts;
        Ended = Task.WhenAny(hosts.Select(host => host.Ended)).Unwrap();
    }

    public string Name => _hosts.Length == 1 ? _hosts[0].Name : $"{_hosts[0].Name} (and {string.Join(", ", _hosts.Skip(1).Select(host => host.Name))})";

    public IReadOnlyList<string> Clients => [.. _hosts.SelectMany(host => host.Clients)];

    public string LastResort => _hosts[0].LastResort;

    public Task Ended { get; }

    public bool CanResize => _hosts.All(host => host.CanResize);

    public string? WhenResized => _hosts.Select(host => host.WhenResized).FirstOrDefault(told => told is not null);

    public bool FollowSize() => Each(host => host.FollowSize()).All(followed => followed);

    public ServiceStatus Describe(ServiceStatus status) => _hosts.Aggregate(status, (sum, host) => host.Describe(sum));

    public void Stop(TimeSpan limit) => Each(host =>
    {
        host.Stop(limit);
        return true;
    });

    public string? Leave(TimeSpan limit) => Each(host => host.Leave(limit)).FirstOrDefault(stays => stays is not null);

    public void Dispose() => Each(host =>
    {
        host.Dispose();
        return true;
    });

    // All of them get the whole time, and each has its turn whatever happens to the others.
    private T[] Each<T>(Func<IDiskHost, T> act)
    {
        Task<T>[] acts = [.. _hosts.Select(host => Task.Factory.StartNew(() => act(host), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        return Task.WhenAll(acts).GetAwaiter().GetResult();
    }
}
