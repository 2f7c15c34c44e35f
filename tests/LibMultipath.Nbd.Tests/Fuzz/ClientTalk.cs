using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;

namespace LibMultipath.Nbd.Tests.Fuzz;

/// <summary>All that a client says in a conversation: valid, and each time another one.</summary>
internal static class ClientTalk
{
    public static byte[] Of(Random random)
    {
        var said = new List<object> { (uint)(NbdWire.FixedNewstyle | random.Next(2) * NbdWire.NoZeroes) };
        for (int options = random.Next(4); options > 0; options--)
        {
            switch (random.Next(5))
            {
                case 0:
                    Option(said, NbdWire.OptStructuredReply, []);
                    break;
                case 1:
                    Option(said, NbdWire.OptList, []);
                    break;
                case 2:
                    Option(said, NbdWire.OptInfo, RawClient.GoData(ExportRig.Name, NbdWire.InfoName, NbdWire.InfoBlockSize));
                    break;
                case 3:
                    Option(said, NbdWire.OptSetMetaContext, RawPeer.Bytes((uint)ExportRig.Name.Length, ExportRig.Name, 1u, 15u, "base:allocation"));
                    break;
                default:
                    Option(said, (uint)random.Next(), new byte[random.Next(100)]);
                    break;
            }
        }

        if (random.Next(4) == 0)
        {
            Option(said, NbdWire.OptExportName, RawPeer.Bytes(ExportRig.Name));
        }
        else
        {
            Option(said, NbdWire.OptGo, RawClient.GoData(ExportRig.Name, NbdWire.InfoBlockSize));
        }

        for (int requests = random.Next(8); requests > 0; requests--)
        {
            Request(said, random, (ulong)requests);
        }

        if (random.Next(2) == 0)
        {
            said.AddRange([NbdWire.RequestMagic, (ushort)0, NbdWire.CmdDisconnect, 0UL, 0UL, 0u]);
        }

        return RawPeer.Bytes([.. said]);
    }

    private static void Option(List<object> said, uint option, byte[] data) =>
        said.AddRange([NbdWire.OptionMagic, option, (uint)data.Length, data]);

    private static void Request(List<object> said, Random random, ulong cookie)
    {
        ushort command = random.Next(6) switch
        {
            0 or 1 => NbdWire.CmdRead,
            2 or 3 => NbdWire.CmdWrite,
            4 => NbdWire.CmdFlush,
            _ => random.Next(2) == 0 ? NbdWire.CmdTrim : NbdWire.CmdWriteZeroes,
        };
        uint length = command == NbdWire.CmdFlush ? 0 : (uint)random.Next(1, 17) * 512;
        ulong offset = command == NbdWire.CmdFlush ? 0 : (ulong)random.Next(1024) * 512;
        said.AddRange([NbdWire.RequestMagic, (ushort)0, command, cookie, offset, length]);
        if (command == NbdWire.CmdWrite)
        {
            said.Add(new byte[length]);
        }
    }
}
