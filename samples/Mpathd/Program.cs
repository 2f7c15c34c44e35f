using Mpathd;
using Mpathd.Commands;
using Mpathd.Runs;

// First of all, so that Ctrl-C ends the program cleanly from the first moment on.
Interruption interruption = Interruption.Listen();
try
{
    return (int)MpathdCommandLine.Invoke(args, interruption);
}
catch (MpathdException exception)
{
    Console.Error.WriteLine($"mpathd: {exception.Message}");
    Console.Error.WriteLine($"mpathd: {exception.Remedy}");
    return (int)exception.Code;
}
catch (Exception exception)
{
    // Not foreseen, so a fault of the program's: all that is known helps to find it.
    Console.Error.WriteLine($"mpathd: internal error: {exception}");
    return (int)ExitCode.Failed;
}
