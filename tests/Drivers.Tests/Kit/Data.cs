namespace Drivers.Tests.Kit;

/// <summary>What tests write.</summary>
internal static class Data
{
    public static byte[] Filled(int size, byte value)
    {
        byte[] data = new byte[size];
        data.AsSpan().Fill(value);
        return data;
    }
}
