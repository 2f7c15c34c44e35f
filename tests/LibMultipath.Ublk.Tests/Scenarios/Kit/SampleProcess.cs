using System.Diagnostics;
using System.Globalization;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A sample, as a user starts it, or another program of this folder.</summary>
internal sealed class SampleProcess : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private SampleProcess(IEnumerable<string> command)
    {
        // What a shell starts in the background ignores the interrupt, and so do its children.
        var start = new ProcessStartInfo("env") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("--default-signal=INT");
        foreach (string word in command)
        {
            start.ArgumentList.Add(word);
        }

        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public static SampleProcess Start(string program, params string[] arguments) =>
        new([Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments]);

    /// <summary>Starts it as a user without any privilege, from a place where he may read it.</summary>
    public static SampleProcess StartAs(int user, string folder, string program, params string[] arguments)
    {
        string id = user.ToString(CultureInfo.InvariantCulture);
        return new(["HOME=/tmp", "setpriv", $"--reuid={id}", $"--regid={id}", "--clear-groups", "--inh-caps=-all", "--",
            Environment.ProcessPath!, Path.Combine(folder, $"{program}.dll"), .. arguments]);
    }

    /// <summary>The next line that it prints; it must come.</summary>
    public string Line()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(s_limit), "nothing was printed");
        return line.Result ?? throw new InvalidOperationException($"It ended with {End().Code}: {_errors.Result}");
    }

    public void Interrupt() => Shell.Run($"kill -INT {_process.Id}");

    /// <summary>Kills it (SIGKILL), and returns when it is gone.</summary>
    public void Kill()
    {
        _process.Kill();
        Assert.Equal(137, End().Code);
    }

    public (int Code, string Errors) End()
    {
        Assert.True(_process.WaitForExit(s_limit), "it did not end");
        return (_process.ExitCode, _errors.Result);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(s_limit);
        }

        _process.Dispose();
    }
}
