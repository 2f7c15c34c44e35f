namespace LibMultipath.Paths;

/// <summary>
/// For a template whose driver can be unloaded: a head that waits for a path to come back holds the driver
/// (<c>try_module_get</c>, <c>module_put</c>).
/// </summary>
public interface IMpathModule
{
    /// <summary>Takes a hold on the driver; false if it is going already.</summary>
    bool TryGetModule();

    /// <summary>Gives a hold back. Called once for every <see cref="TryGetModule"/> that answered true.</summary>
    void PutModule();
}
