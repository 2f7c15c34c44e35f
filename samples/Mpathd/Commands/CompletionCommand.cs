using System.CommandLine;

namespace Mpathd.Commands;

/// <summary><c>mpathd completion</c>: what makes a shell complete the program's verbs, options and values.</summary>
internal sealed class CompletionCommand : Command, IHasExamples
{
    private static readonly Dictionary<string, string> s_scripts = new()
    {
        // The word before the cursor is what compgen matches; ':' and '=' are part of words here.
        ["bash"] = """
            _mpathd() {
                local line="mpathd${COMP_LINE#"${COMP_WORDS[0]}"}" word
                local point=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
                word="${line:0:point}"
                word="${word##* }"
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$point]" "$line" 2>/dev/null)" -- "$word"))
                [[ "$word" == *[:=]* ]] && COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*[:=]}"}"}")
                return 0
            }
            complete -o default -F _mpathd mpathd
            """,
        ["zsh"] = """
            #compdef mpathd
            _mpathd() {
                local line="mpathd${BUFFER#"${words[1]}"}"
                local point=$((CURSOR - ${#BUFFER} + ${#line}))
                local -a found
                found=("${(@f)$("${words[1]}" "[suggest:$point]" "$line" 2>/dev/null)}")
                found=("${(@)found:#}")
                (( ${#found} )) && compadd -a found || _files
            }
            compdef _mpathd mpathd
            """,
        ["fish"] = """
            function __mpathd_complete
                set -l line (commandline -cp)
                set -l program (commandline -opc)[1]
                set -l rest (string sub -s (math (string length -- $program) + 1) -- $line)
                set -l line "mpathd$rest"
                $program "[suggest:"(string length -- $line)"]" $line 2>/dev/null
            end
            complete -c mpathd -a '(__mpathd_complete)'
            """,
    };

    private readonly Argument<string> _shell = CliOptions.Argument("SHELL", ParseShell, "The shell: bash, zsh or fish");

    public CompletionCommand()
        : base("completion", "Prints what makes a shell complete this program")
    {
        _shell.CompletionSources.Add([.. s_scripts.Keys]);
        Add(_shell);
        SetAction(parsed => Console.Out.WriteLine(s_scripts[parsed.GetRequiredValue(_shell)]));
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("source <(mpathd completion bash)", "for this shell; in ~/.bashrc, for all"),
        ("mpathd completion zsh > ~/.zfunc/_mpathd", "for zsh, in a folder of its fpath"),
        ("mpathd completion fish > ~/.config/fish/completions/mpathd.fish", "for fish"),
    ];

    private static string ParseShell(string text) => s_scripts.ContainsKey(text)
        ? text
        : throw new FormatException($"there is no completion for '{text}'; give bash, zsh or fish");
}
