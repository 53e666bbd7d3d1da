namespace Funion.Roles;

/// <summary>A value as it was read, with the version that <see cref="BoxStore.ReplaceIfUnchangedAsync"/> compares.</summary>
public sealed record StoredValue(ReadOnlyMemory<byte> Value, string Version);
