namespace LibMultipath.Nbd.Server;

/// <summary>What the reader of a connection goes on with.</summary>
internal enum Need
{
    /// <summary>What has come in.</summary>
    Nothing,

    /// <summary>More of what the client sends.</summary>
    Input,

    /// <summary>The data of a large write, which is read to where it belongs.</summary>
    Data,

    /// <summary>A place or memory for a request: something else has to end first.</summary>
    Room,

    /// <summary>Nothing: no further request is taken.</summary>
    End,
}
