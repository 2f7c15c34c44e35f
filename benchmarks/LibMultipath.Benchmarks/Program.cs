using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using LibMultipath.Benchmarks.Nbd;
using LibMultipath.Benchmarks.Quick;
using LibMultipath.Benchmarks.Selectors;

const int Done = 0;
const int Failed = 1;
const int WrongArguments = 2;

const string Usage = """
    Measures LibMultipath, everything beside a peer in the same run. Build it with -c Release.

    Usage:
      LibMultipath.Benchmarks quick [--json] [NAME]    the measures whose names begin with NAME, or all, in under a minute
      LibMultipath.Benchmarks selectors [--json] [SCENARIO]   every policy on paths of unequal speed, in about two minutes
      LibMultipath.Benchmarks nbd [--json]             a head over NBD paths beside fio's NBD client, in a minute; needs nbdkit and fio
      LibMultipath.Benchmarks <BenchmarkDotNet options>   in the repository: it builds what it runs
      LibMultipath.Benchmarks --help

    quick prints a table for people; with --json, one line for each pair of measure and peer:
      {"name":…,"ns":…,"bytes":…,"peer":…,"peer_ns":…,"ratio":…}
      ns and peer_ns are medians, bytes is what one operation allocates, ratio is ns / peer_ns.

    Examples:
      dotnet run -c Release --project benchmarks/LibMultipath.Benchmarks -- quick
      dotnet run -c Release --project benchmarks/LibMultipath.Benchmarks -- --list flat
      dotnet run -c Release --project benchmarks/LibMultipath.Benchmarks -- --filter '*Submit*'

    Exit codes: 0 done, 1 a benchmark did not run, 2 wrong arguments.
    """;

switch (args)
{
    case [] or ["--help" or "-h" or "help"]:
        Console.WriteLine(Usage);
        return Done;

    case ["quick", .. string[] rest]:
        string[] names = [.. rest.Where(static each => each != "--json")];
        if (names.Length > 1 || names is [['-', ..]])
        {
            Console.Error.WriteLine($"quick does not know '{names[^1]}'; it takes --json and the beginning of a name. See --help.");
            return WrongArguments;
        }

#if DEBUG
        Console.Error.WriteLine("This is a debug build, whose figures mean nothing; use -c Release.");
#endif
        if (!QuickRun.Run(json: names.Length != rest.Length, names is [var prefix] ? prefix : ""))
        {
            Console.Error.WriteLine($"No measure begins with '{names[0]}'; they begin with srcu, select, submit, hook, ring and failover.");
            return WrongArguments;
        }

        return Done;

    case ["selectors", .. string[] rest]:
        string[] wanted = [.. rest.Where(static each => each != "--json")];
        if (wanted.Length > 1 || (wanted is [var scenario] && Scenario.All.All(each => each.Name != scenario)))
        {
            Console.Error.WriteLine(
                $"selectors does not know '{wanted[^1]}'; it takes --json and one of {string.Join(", ", Scenario.All.Select(static each => each.Name))}. See --help.");
            return WrongArguments;
        }

        SelectorsRun.Run(json: wanted.Length != rest.Length, wanted is [var only] ? only : "");
        return Done;

    case ["nbd", .. string[] rest]:
        if (rest is not ([] or ["--json"]))
        {
            Console.Error.WriteLine($"nbd does not know '{rest[^1]}'; it takes --json. See --help.");
            return WrongArguments;
        }

        try
        {
            NbdRun.Run(json: rest.Length > 0);
            return Done;
        }
        catch (InvalidOperationException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return Failed;
        }

    case [var verb, ..] when !verb.StartsWith('-'):
        Console.Error.WriteLine($"There is no verb '{verb}'; there are quick, selectors and nbd, and what begins with - is BenchmarkDotNet's. See --help.");
        return WrongArguments;

    default:
        IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return summaries.Any(static summary => summary.HasCriticalValidationErrors || summary.Reports.Any(static report => !report.Success)) ? Failed : Done;
}
