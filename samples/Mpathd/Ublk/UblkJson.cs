using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mpathd.Ublk;

/// <summary>How <c>mpathd ublk</c> writes JSON: one line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UblkFeatureStatus))]
[JsonSerializable(typeof(UblkDeviceStatus))]
[JsonSerializable(typeof(UblkDeviceStatus[]))]
internal sealed partial class UblkJson : JsonSerializerContext
{
    public static string Text(UblkFeatureStatus features) => JsonSerializer.Serialize(features, Default.UblkFeatureStatus);

    public static string Text(UblkDeviceStatus device) => JsonSerializer.Serialize(device, Default.UblkDeviceStatus);

    public static string Text(UblkDeviceStatus[] devices) => JsonSerializer.Serialize(devices, Default.UblkDeviceStatusArray);
}
