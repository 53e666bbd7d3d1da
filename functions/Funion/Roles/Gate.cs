namespace Funion.Roles;

/// <summary>The put-if-absent (or, for a tombstone, the overwrite) whose outcome gates the rest of a role's work.</summary>
/// <param name="Key">Where the claim lies.</param>
/// <param name="Value">Equal on redelivery, different on replay.</param>
/// <param name="Overwrite">Replace what is there instead of yielding to it.</param>
/// <param name="Replaces">Tells of another value that is there whether it is worth nothing and may be replaced; null: none is.</param>
/// <param name="First">A gate before this one: while it is not open, this one is not tried. Null: there is none.</param>
/// <param name="AnswersFull">Whether the work has something to say when the store is full; otherwise the message waits for room.</param>
public sealed record Gate(
    StoreKey Key, ReadOnlyMemory<byte> Value, bool Overwrite = false, Func<ReadOnlyMemory<byte>, bool>? Replaces = null, Gate? First = null,
    bool AnswersFull = false);
