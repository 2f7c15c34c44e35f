namespace LibMultipath.Nbd.Server;

/// <summary>What the reader of a connection waits for.</summary>
internal enum ReaderState
{
    /// <summary>Nothing: it reads.</summary>
    Busy,

    /// <summary>The next request, as long as the client likes.</summary>
    Request,

    /// <summary>The rest of a request that has begun.</summary>
    Rest,

    /// <summary>A place or memory for a request. It does not see when the client goes.</summary>
    Room,

    /// <summary>The last answers, after which it is over. It does not see when the client goes.</summary>
    Answers,
}
