namespace LibMultipath.Nbd.Tests.Kit.Load;

/// <summary>What tests write.</summary>
internal static class Data
{
    public static byte[] Filled(int size, byte value)
    {
        byte[] data = new byte[size];
        data.AsSpan().Fill(value);
        return data;
    }

    public static byte[] Random(int size, int seed)
    {
        byte[] data = new byte[size];
        new Random(seed).NextBytes(data);
        return data;
    }
}
