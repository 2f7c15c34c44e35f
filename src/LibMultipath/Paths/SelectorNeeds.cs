namespace LibMultipath.Paths;

/// <summary>What a selector reads of paths, and must be kept for it. What nobody reads is not kept, and costs nothing.</summary>
[Flags]
public enum SelectorNeeds
{
    /// <summary>Nothing that has to be kept.</summary>
    None = 0,

    /// <summary>How many I/Os are in flight through a path's controller: <see cref="MpathController.ActiveCount"/>.</summary>
    Load = 1,

    /// <summary>How long I/O takes on a path: <see cref="MpathDevice.Latency"/>. Costs two timestamps an I/O.</summary>
    Latency = 2,

    /// <summary>Being told of every attempt's begin and end. Costs two timestamps an I/O. Set for whoever implements it.</summary>
    Feedback = 4,
}
