namespace LibMultipath.Reservations;

/// <summary>What follows from a type.</summary>
public static class PrTypeExtensions
{
    /// <summary>Whether registering is not enough for access: only the one nexus that holds the reservation has it.</summary>
    public static bool IsHolderOnly(this PrType type) => type is PrType.WriteExclusive or PrType.ExclusiveAccess;

    /// <summary>Whether every registrant holds the reservation, so that it lasts as long as there is one.</summary>
    public static bool IsAllRegistrants(this PrType type) =>
        type is PrType.WriteExclusiveAllRegistrants or PrType.ExclusiveAccessAllRegistrants;

    /// <summary>Whether it keeps others from reading too.</summary>
    public static bool ExcludesReaders(this PrType type) =>
        type is PrType.ExclusiveAccess or PrType.ExclusiveAccessRegistrantsOnly or PrType.ExclusiveAccessAllRegistrants;
}
