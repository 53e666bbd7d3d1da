using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Enclaves;

/// <summary>
/// What somebody who asks does: seals an input for the enclave, opens the answer, checks the receipt. Make a new one for every question that must not be linked to another;
/// a policy that names its users links them by itself.
/// <code>
/// sealed to the enclave = user 32 ‖ newest counter seen 8 ‖ recipient 32 ‖ input, l bits each ‖ signature 64
/// </code>
/// </summary>
public sealed class DataOwner : IDisposable
{
    /// <summary>Bytes before the input.</summary>
    public const int HeaderSize = (2 * Bytes32.Size) + 8;

    readonly SecretBytes _user = new(Ed25519.SeedSize), _recipient = new(X25519.Size);
    readonly Dictionary<Bytes32, ulong> _newest = [], _asked = [];
    readonly HashSet<(Bytes32, ulong)> _seen = [];

    /// <summary>Somebody with fresh keys.</summary>
    public DataOwner()
    {
        Span<byte> user = stackalloc byte[Ed25519.PublicKeySize], recipient = stackalloc byte[X25519.Size];
        Ed25519.GenerateKeyPair(_user.Span, user);
        X25519.GenerateKeyPair(_recipient.Span, recipient);
        (User, Recipient) = (new Bytes32(user), new Bytes32(recipient));
    }

    /// <summary>Somebody with keys that are kept: an Ed25519 seed and an X25519 secret.</summary>
    public DataOwner(ReadOnlySpan<byte> user, ReadOnlySpan<byte> recipient)
    {
        user.CopyTo(_user.Span);
        recipient.CopyTo(_recipient.Span);
        Span<byte> key = stackalloc byte[Bytes32.Size];
        Ed25519.PublicKey(_user.Span, key);
        User = new Bytes32(key);
        X25519.PublicKey(_recipient.Span, key);
        Recipient = new Bytes32(key);
    }

    /// <summary>Ed25519: who asks.</summary>
    public Bytes32 User { get; }

    /// <summary>X25519: for whom the answer is sealed.</summary>
    public Bytes32 Recipient { get; }

    /// <summary>Notes a counter of an enclave that was seen before, by whoever this is or was.</summary>
    public void Saw(in Bytes32 signingKey, ulong counter) => _newest[signingKey] = Math.Max(counter, Newest(signingKey));

    /// <summary>The newest counter of an enclave that was seen.</summary>
    public ulong Newest(in Bytes32 signingKey) => _newest.GetValueOrDefault(signingKey);

    /// <summary>Bytes of a sealed question.</summary>
    public static int QuestionSize(IntegerNetwork network) =>
        HeaderSize + network.Modulus.ByteSize(network.Input.Count) + Ed25519.SignatureSize + SealedBox.Overhead;

    /// <summary>Bytes of a result: receipt and sealed answer.</summary>
    public static int ResultSize(IntegerNetwork network) => EnclaveReceipt.Size + SealedBox.Overhead + network.Modulus.ByteSize(network.Output.Count);

    /// <summary>What the signature is over.</summary>
    public static byte[] Signed(in Bytes32 model, ReadOnlySpan<byte> body) => [.. "funion-enclave-question-v1"u8, .. model.AsSpan(), .. body];

    /// <summary>What a sealed question says beside its content.</summary>
    public static byte[] Info(in Bytes32 model) => [.. "funion-enclave-question-v1"u8, .. model.AsSpan()];

    /// <summary>What a sealed answer says beside its content.</summary>
    public static byte[] AnswerInfo(in Bytes32 query) => [.. "funion-enclave-answer-v1"u8, .. query.AsSpan()];

    /// <summary>The name of a question.</summary>
    public static Bytes32 Name(ReadOnlySpan<byte> question)
    {
        Span<byte> hash = stackalloc byte[Bytes32.Size];
        Blake2b.Hash256("funion-enclave-query-v1"u8, question, hash);
        return new Bytes32(hash);
    }

    /// <summary>Seals a question. The caller has verified evidence for <paramref name="enclave"/>.</summary>
    /// <param name="enclave">Whose model is asked.</param>
    /// <param name="input">Encoded.</param>
    /// <param name="recipient">For whom the answer is sealed, when it is somebody else.</param>
    public byte[] Ask(EnclaveIdentity enclave, RingTensor input, Bytes32? recipient = null)
    {
        ArgumentNullException.ThrowIfNull(enclave);
        ArgumentNullException.ThrowIfNull(input);
        Bytes32 model = enclave.Model();
        int size = input.Modulus.ByteSize(input.Shape.Count), bodySize = HeaderSize + size;
        byte[] message = GC.AllocateArray<byte>(bodySize + Ed25519.SignatureSize, pinned: true);
        User.AsSpan().CopyTo(message);
        ulong newest = Math.Max(enclave.Counter, _newest.GetValueOrDefault(enclave.SigningKey));
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(32), newest);
        (recipient ?? Recipient).AsSpan().CopyTo(message.AsSpan(40));
        BitPacking.Write(input.Elements, input.Modulus.Bits, message.AsSpan(HeaderSize, size));
        Ed25519.Sign(_user.Span, User.AsSpan(), Signed(model, message.AsSpan(0, bodySize)), message.AsSpan(bodySize));
        byte[] question = new byte[message.Length + SealedBox.Overhead];
        SealedBox.Seal(enclave.SealingKey.AsSpan(), Info(model), message, question);
        CryptographicOperations.ZeroMemory(message);
        _asked[Name(question)] = newest;
        return question;
    }

    /// <summary>Opens an answer; what it is not is an outcome.</summary>
    public AnswerOutcome TryOpen(EnclaveIdentity enclave, IntegerNetwork network, ReadOnlySpan<byte> question, ReadOnlySpan<byte> result, out RingTensor? output)
    {
        ArgumentNullException.ThrowIfNull(enclave);
        ArgumentNullException.ThrowIfNull(network);
        output = null;
        if (result.Length != ResultSize(network))
        {
            return AnswerOutcome.Malformed;
        }
        ReadOnlySpan<byte> answer = result[EnclaveReceipt.Size..];
        Bytes32 query = Name(question);
        if (EnclaveReceipt.TryRead(result[..EnclaveReceipt.Size], enclave.SigningKey) is not { } receipt
            || receipt.Model != enclave.Model() || receipt.Query != query || receipt.Code != enclave.Code || receipt.Answer != EnclaveReceipt.Hash(answer))
        {
            return AnswerOutcome.WrongReceipt;
        }
        // Answers may come in any order, but no two changes of state have one number.
        if (receipt.Counter <= _asked.GetValueOrDefault(query, enclave.Counter) || _seen.Contains((enclave.SigningKey, receipt.Counter)))
        {
            return AnswerOutcome.RolledBack;
        }
        byte[] plain = GC.AllocateArray<byte>(answer.Length - SealedBox.Overhead, pinned: true);
        bool opened = SealedBox.Open(_recipient.Span, Recipient.AsSpan(), AnswerInfo(query), answer, plain);
        output = opened ? RingTensor.TryRead(network.Modulus, network.Output, plain) : null;
        CryptographicOperations.ZeroMemory(plain);
        if (output is null)
        {
            return AnswerOutcome.CannotOpen;
        }
        _seen.Add((enclave.SigningKey, receipt.Counter));
        _newest[enclave.SigningKey] = Math.Max(receipt.Counter, _newest.GetValueOrDefault(enclave.SigningKey));
        return AnswerOutcome.Ok;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _user.Dispose();
        _recipient.Dispose();
    }
}
