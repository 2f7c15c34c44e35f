using System.Globalization;
using System.Text;

namespace KernelAbi;

/// <summary>What a C compiler makes of the kernel's own headers.</summary>
/// <param name="preamble">C that comes first: the includes.</param>
public sealed class Header(string preamble)
{
    /// <summary>The layouts of the header's structs, as text, with the fields that ours have.</summary>
    public IEnumerable<string> Layouts(IEnumerable<Layout> ours) => Print(ours.Select(Statements));

    /// <summary>The values of constants and macros, as 64 bits.</summary>
    public IEnumerable<(string Name, ulong Value)> Constants(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Zip(Print(all.Select(name => $"""printf("%llx\n", (unsigned long long)({name}));"""))
            .Select(value => ulong.Parse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
    }

    /// <summary>The value of an expression.</summary>
    public ulong Value(string expression) => Constants([expression]).Single().Value;

    private static string Statements(Layout ours)
    {
        var statements = new StringBuilder($"""printf("{ours.Name} %zu:", sizeof(struct {ours.Name}));""");
        foreach (string field in ours.Fields.Select(field => field.Name))
        {
            statements.Append(CultureInfo.InvariantCulture,
                $"""printf(" {field} %zu+%zu", offsetof(struct {ours.Name}, {field}), sizeof(((struct {ours.Name} *)0)->{field}));""");
        }

        return statements.Append("""puts("");""").ToString();
    }

    private string[] Print(IEnumerable<string> statements) => KernelHeaders.CompileAndRun($$"""
        #include <stddef.h>
        #include <stdio.h>
        {{preamble}}
        int main(void)
        {
        {{string.Join('\n', statements)}}
        return 0;
        }
        """);
}
