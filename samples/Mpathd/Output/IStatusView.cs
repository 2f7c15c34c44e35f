using Mpathd.Serving;

namespace Mpathd.Output;

/// <summary>Shows the status of a daemon.</summary>
internal interface IStatusView
{
    /// <summary>Shows it once.</summary>
    void Show(ServiceStatus status);

    /// <summary>Shows it again and again.</summary>
    /// <param name="first">The first one.</param>
    /// <param name="next">Waits for another one; null when nobody wants more, an exception when there is none.</param>
    /// <returns>How the program ends.</returns>
    ExitCode Watch(ServiceStatus first, Func<ServiceStatus?> next)
    {
        for (ServiceStatus? status = first; status is not null; status = next())
        {
            Show(status);
        }

        return ExitCode.Interrupted;
    }
}
