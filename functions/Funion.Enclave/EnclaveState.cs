using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Enclaves;

namespace Funion.Enclave;

/// <summary>
/// What outlives the process: keys, models with their policies and what was used of them, and which queries are under way with the hash of the state of each. Sealed under the
/// platform's key for this code; the platform's cell says which sealed state is the newest.
/// </summary>
sealed class EnclaveState : IDisposable
{
    /// <summary>Most models, queries under way, and askers that are remembered for one model.</summary>
    public const int MaxModels = 64, MaxQueries = 1_024, MaxUsers = 4_096;

    const byte Version = 2;

    EnclaveState()
    {
        SigningSeed = new SecretBytes(Ed25519.SeedSize);
        SealingSecret = new SecretBytes(X25519.Size);
    }

    /// <summary>Ed25519, of receipts.</summary>
    public SecretBytes SigningSeed { get; }

    /// <summary>X25519, of what is sealed to the enclave.</summary>
    public SecretBytes SealingSecret { get; }

    public Bytes32 SigningKey { get; private set; }

    public Bytes32 SealingKey { get; private set; }

    /// <summary>Changes so far.</summary>
    public ulong Counter { get; set; }

    public Dictionary<Bytes32, ModelRecord> Models { get; } = [];

    /// <summary>The hash of the sealed state of each query under way, and how often this state was gone on from after a restart.</summary>
    public Dictionary<Bytes32, (Bytes32 State, byte Resumes)> Queries { get; } = [];

    /// <summary>Questions that were taken.</summary>
    public AskedQuestions Asked { get; private set; } = new();

    /// <summary>The state of a first start.</summary>
    public static EnclaveState Create()
    {
        EnclaveState state = new();
        RandomNumberGenerator.Fill(state.SigningSeed.Span);
        RandomNumberGenerator.Fill(state.SealingSecret.Span);
        state.DeriveKeys();
        return state;
    }

    /// <summary>The bytes; wiped by who sealed them.</summary>
    public byte[] ToBytes()
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write(Version);
        writer.Write(Counter);
        writer.Write(SigningSeed.Span);
        writer.Write(SealingSecret.Span);
        writer.Write((ushort)Models.Count);
        foreach (ModelRecord model in Models.Values)
        {
            model.Write(writer);
        }
        writer.Write((ushort)Queries.Count);
        foreach ((Bytes32 query, (Bytes32 hash, byte resumes)) in Queries)
        {
            writer.Write(query.AsSpan());
            writer.Write(hash.AsSpan());
            writer.Write(resumes);
        }
        Asked.Write(writer);
        byte[] written = bytes.ToArray();
        CryptographicOperations.ZeroMemory(bytes.GetBuffer());
        return written;
    }

    /// <summary>Reads a state that was sealed here; null when it is none.</summary>
    public static EnclaveState? TryRead(ReadOnlySpan<byte> bytes)
    {
        NumberReader reader = new(bytes);
        EnclaveState state = new();
        bool sound = reader.Byte() == Version;
        state.Counter = unchecked((ulong)reader.Int64());
        sound &= Fill(reader.Take(Ed25519.SeedSize), state.SigningSeed) && Fill(reader.Take(X25519.Size), state.SealingSecret);
        int models = reader.UInt16();
        for (int i = 0; i < models && sound; i++)
        {
            ModelRecord? model = ModelRecord.TryRead(ref reader);
            sound = model is not null && state.Models.TryAdd(model.Name, model);
        }
        int queries = reader.UInt16();
        for (int i = 0; i < queries && sound; i++)
        {
            sound = state.Queries.TryAdd(reader.Bytes32(), (reader.Bytes32(), reader.Byte()));
        }
        if (sound && AskedQuestions.TryRead(ref reader) is { } asked)
        {
            state.Asked = asked;
        }
        else
        {
            sound = false;
        }
        if (!sound || !reader.IsAtEnd)
        {
            state.Dispose();
            return null;
        }
        state.DeriveKeys();
        return state;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        SigningSeed.Dispose();
        SealingSecret.Dispose();
        foreach (ModelRecord model in Models.Values)
        {
            model.Dispose();
        }
    }

    static bool Fill(ReadOnlySpan<byte> bytes, SecretBytes secret) => bytes.TryCopyTo(secret.Span) && bytes.Length == secret.Length;

    void DeriveKeys()
    {
        Span<byte> key = stackalloc byte[Bytes32.Size];
        Ed25519.PublicKey(SigningSeed.Span, key);
        SigningKey = new Bytes32(key);
        X25519.PublicKey(SealingSecret.Span, key);
        SealingKey = new Bytes32(key);
    }
}
