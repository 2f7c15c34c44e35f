using Mpathd;
using Mpathd.Commands;
using Mpathd.Output;
using Mpathd.Runs;

// First of all, so that Ctrl-C ends the program cleanly from the first moment on.
Interruption interruption = Interruption.Listen();
try
{
    CheckedOutput.Install();
    return (int)MpathdCommandLine.Invoke(args, interruption);
}
catch (MpathdException exception)
{
    return (int)exception.Tell(Console.Error);
}
catch (Exception exception)
{
    // Not foreseen, so a fault of the program's: all that is known helps to find it.
    Console.Error.WriteLine($"mpathd: internal error: {exception}");
    return (int)ExitCode.Failed;
}
