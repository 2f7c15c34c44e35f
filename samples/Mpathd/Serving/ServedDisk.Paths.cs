using System.Globalization;
using BdevDriver;
using LibMultipath.Block;
using LibMultipath.Nbd.Client;
using LibMultipath.Paths;
using Microsoft.Extensions.Logging;
using Mpathd.Paths;

namespace Mpathd.Serving;

// How paths come and go, and what is done to one.
internal sealed partial class ServedDisk
{
    /// <summary>Adds a path.</summary>
    public ManagedPath AddPath(PathSpec spec)
    {
        EnsureFits(spec);
        try
        {
            ManagedPath added = Add(spec);

            // One that had to stay, because it was the last, has stayed for long enough.
            RemoveGone();
            return added;
        }
        catch (BlockException exception)
        {
            throw MpathdException.Failed(exception.Message, "start the daemon anew");
        }
    }

    /// <summary>
    /// Removes the paths whose devices were removed, or whose servers were given up. The last path stays where there is no removal delay, or the disk would
    /// go with it: its I/O fails until a path is added.
    /// </summary>
    public void RemoveGone()
    {
        foreach (ManagedPath path in Paths.Where(path => path.IsGone))
        {
            if (Paths.Length > 1 || _group.Head.QueuesWithoutPath)
            {
                _group.Remove(path);
                _logger.LogWarning("path {Number} ({Name}) is removed: what it led to has gone", path.Number, path.Device.Name);
            }
        }
    }

    /// <summary>Removes a path; blocks until nothing of it is in flight.</summary>
    public ManagedPath RemovePath(string path)
    {
        ManagedPath found = Find(path);
        if (Paths.Length == 1 && !_group.Head.QueuesWithoutPath)
        {
            throw MpathdException.Failed(
                $"{found.Device.Name} is the last path, and the disk would go with it",
                "add another path first, let it wait for one with mpathd set delayed_removal_secs 60, or end the daemon with mpathd stop");
        }

        _group.Remove(found);
        return found;
    }

    /// <summary>Fails a path under the I/O that it has.</summary>
    public ManagedPath FailPath(string path)
    {
        ManagedPath found = Find(path);
        found.Fail();
        return found;
    }

    /// <summary>Makes a path that was failed work again.</summary>
    public ManagedPath RestorePath(string path)
    {
        ManagedPath found = Find(path);
        found.Restore();
        return found;
    }

    /// <summary>Sets the access state of a path, as its storage would.</summary>
    public ManagedPath SetState(string path, MpathAccessState state)
    {
        ManagedPath found = Find(path);
        found.Device.AccessState = state;
        return found;
    }

    // What is not there is a path that has failed, and the disk is there for that it does not matter. A server is waited
    // for; a device is found when somebody looks for it.
    private void AddAll(IEnumerable<PathSpec> specs, CancellationToken cancellation)
    {
        List<(PathSpec Spec, MpathdException Why)> absent = [];
        foreach (PathSpec spec in specs)
        {
            try
            {
                Add(spec, mustConnect: true, cancellation);
            }
            catch (MpathdException exception) when (exception.InnerException is BlockException block && PathSpecs.IsAbsent(spec, block))
            {
                absent.Add((spec, exception));
            }
        }

        if (absent is [var first, ..] && Paths.Length == 0)
        {
            throw first.Why;
        }

        foreach ((PathSpec spec, MpathdException why) in absent)
        {
            if (spec is NbdPathSpec)
            {
                ManagedPath path = Add(spec, mustConnect: false);
                _logger.LogError("{Problem}; the disk is served without path {Number}, which joins when its server is there", why.Message, path.Number);
            }
            else
            {
                _logger.LogError("{Problem}; the disk is served without it, add it with mpathd path add when it is there", why.Message);
            }
        }
    }

    private ManagedPath Add(PathSpec spec, bool mustConnect = true, CancellationToken cancellation = default)
    {
        var how = new PathMakerOptions
        {
            ReadOnly = _options.ReadOnly,
            Expected = _expected,
            MustConnect = mustConnect,
            Logger = _logger,
            Cancellation = cancellation,
        };
        ManagedPath path = _group.Add(PathSpecs.MakerOf(spec, how));
        switch (path.Device.Disk)
        {
            case BdevPath device:
                device.Gone += _ => PathGone?.Invoke();
                break;
            case NbdPath server:
                server.Lost += _ => PathGone?.Invoke();
                break;
        }

        return path;
    }

    private void EnsureFits(PathSpec spec)
    {
        PathSpecs.EnsureOneDisk([_options.Paths[0], spec is NullPathSpec asked ? asked with { Size = FirstSize(asked.Size) } : spec]);
        long capacity = Disk.CapacitySectors * QueueLimits.SectorSize;
        if (spec is NullPathSpec @null && @null.Size != capacity)
        {
            throw MpathdException.WrongArguments(
                $"the path has {SizeText.Format(@null.Size)}, the disk {SizeText.Format(capacity)}", $"give size={SizeText.Format(capacity)}");
        }
    }

    // What it was asked for to begin with; the disk may have been resized since.
    private long FirstSize(long otherwise) => _options.Paths[0] is NullPathSpec first ? first.Size : otherwise;

    private ManagedPath Find(string path)
    {
        bool isNumber = int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        ManagedPath[] paths = Paths;
        return Array.Find(paths, each => isNumber ? each.Number == number : each.Device.Name == path)
            ?? throw MpathdException.WrongArguments(
                $"there is no path '{path}'",
                paths.Length == 0
                    ? "there is none at all; add one with mpathd path add"
                    : $"give the number or the name of one: {string.Join(", ", paths.Select(each => $"{each.Number} ({each.Device.Name})"))}");
    }
}
