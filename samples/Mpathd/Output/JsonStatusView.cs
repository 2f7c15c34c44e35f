using Mpathd.Control;
using Mpathd.Serving;

namespace Mpathd.Output;

/// <summary>A line of JSON.</summary>
internal sealed class JsonStatusView(TextWriter output) : IStatusView
{
    public void Show(ServiceStatus status)
    {
        output.WriteLine(ControlJson.Text(status));
        output.Flush();
    }
}
