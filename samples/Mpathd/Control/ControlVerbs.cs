namespace Mpathd.Control;

/// <summary>What a daemon can be asked for.</summary>
internal static class ControlVerbs
{
    public const string Status = "status";
    public const string Get = "get";
    public const string Set = "set";
    public const string PathAdd = "path-add";
    public const string PathRemove = "path-remove";
    public const string PathFail = "path-fail";
    public const string PathRestore = "path-restore";
    public const string PathSetState = "path-set-state";
    public const string Policy = "policy";
    public const string Resize = "resize";
    public const string PrRegister = "pr-register";
    public const string PrReserve = "pr-reserve";
    public const string PrRelease = "pr-release";
    public const string PrPreempt = "pr-preempt";
    public const string PrClear = "pr-clear";
    public const string PrReadKeys = "pr-read-keys";
    public const string PrReadReservation = "pr-read-reservation";
    public const string SelectorList = "selector-list";
    public const string SelectorAttach = "selector-attach";
    public const string SelectorDetach = "selector-detach";
    public const string SelectorLoad = "selector-load";
    public const string SelectorUnload = "selector-unload";
    public const string Trace = "trace";
    public const string Feed = "feed";
    public const string Stop = "stop";

    /// <summary>All of them.</summary>
    public static readonly string[] All =
    [
        Status, Get, Set, PathAdd, PathRemove, PathFail, PathRestore, PathSetState, Policy, Resize,
        PrRegister, PrReserve, PrRelease, PrPreempt, PrClear, PrReadKeys, PrReadReservation,
        SelectorList, SelectorAttach, SelectorDetach, SelectorLoad, SelectorUnload, Trace, Feed, Stop,
    ];
}
