namespace Funion.Private.Enclaves;

/// <summary>What came of a question.</summary>
/// <param name="Query">Its name.</param>
/// <param name="Refusal">Why not.</param>
/// <param name="Result">Receipt and sealed answer, for whoever asked.</param>
public sealed record EnclaveReply(Bytes32 Query, EnclaveRefusal Refusal, byte[] Result);
