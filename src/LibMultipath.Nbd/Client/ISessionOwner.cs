using LibMultipath.Block;

namespace LibMultipath.Nbd.Client;

/// <summary>Whose session it is. Called on the session's thread, once each, in this order.</summary>
internal interface ISessionOwner
{
    /// <summary>For people.</summary>
    string Name { get; }

    /// <summary>
    /// The connection has ended, and nothing was given back yet: the path is to be down before that, or what is given back is
    /// aimed at it again.
    /// </summary>
    void OnEnding(NbdSession session, string why);

    /// <summary>The session is over.</summary>
    /// <param name="session">The session.</param>
    /// <param name="harmless">What was not answered, and the server has not seen, or does no harm with.</param>
    /// <param name="uncertain">What was not answered, and the server may still carry out.</param>
    void OnEnded(NbdSession session, List<BioAttempt> harmless, List<BioAttempt> uncertain);

    /// <summary>One of the above has thrown. What is under way is given back all the same.</summary>
    void OnFault(Exception exception);
}
