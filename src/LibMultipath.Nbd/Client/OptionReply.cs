using System.Text;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Client;

/// <summary>What a server has answered to an option.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Data">What came with it; of an error, a text for people.</param>
internal readonly record struct OptionReply(NbdOptionReply Type, byte[] Data)
{
    /// <summary>For people.</summary>
    public override string ToString() =>
        Data.Length > 0 && (Type & NbdOptionReply.Error) != 0 ? $"{Name}: {Encoding.UTF8.GetString(Data, 0, Math.Min(Data.Length, NbdSizes.Text))}" : Name;

    private string Name => Enum.IsDefined(Type) ? Type.ToString() : $"0x{(uint)Type:x}";
}
