using Funion.Network;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Protocol;

namespace Funion.Cli.Enclaves;

/// <summary>One enclave that is asked: what the network document says of it, and what it has proven since.</summary>
sealed class EnclaveSeat : IDisposable
{
    EnclaveSeat(ModelEntry model, ModelEntry jobs, AttestationFile published, IntegerNetwork network) => (Model, Jobs, Published, Network) = (model, jobs, published, network);

    public ModelEntry Model { get; }

    /// <summary>What carries questions there.</summary>
    public ModelEntry Jobs { get; }

    /// <summary>The document's evidence, as old as the document.</summary>
    public AttestationFile Published { get; }

    public IntegerNetwork Network { get; }

    /// <summary>For a nonce of this session; null: not asked for yet.</summary>
    public AttestationFile? Evidence { get; set; }

    /// <summary>One asks for evidence, and the others wait.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>What a document says of a model's enclave; null: nothing, or nothing that can be read.</summary>
    public static EnclaveSeat? Of(NetworkDocument document, ModelEntry model) =>
        model.Enclave is { } entry && document.Model(entry.Model) is { } jobs && AttestationFile.TryParse(entry.Attestation) is { } published
        && ArchitectureReader.TryRead(entry.Architecture, out IntegerNetwork? network) == ArchitectureOutcome.Ok
            ? new EnclaveSeat(model, jobs, published, network!)
            : null;

    /// <summary>Whether the published evidence is trusted. It may be old: what is asked for with a nonce is not.</summary>
    public AttestationOutcome Check(AttestationTrust? trust, bool allowsSimulator)
    {
        AttestationOutcome outcome = Published.Verify(trust, null, allowsSimulator, DateTimeOffset.UtcNow);
        return outcome == AttestationOutcome.Expired ? AttestationOutcome.Ok : outcome;
    }

    /// <summary>Whether on the wires nobody can tell which of two is asked.</summary>
    public bool IsLike(EnclaveSeat other) =>
        (Jobs.InputBoxes, Jobs.OutputBoxes) == (other.Jobs.InputBoxes, other.Jobs.OutputBoxes) && Jobs.BucketsMilliseconds.SequenceEqual(other.Jobs.BucketsMilliseconds);

    public void Dispose() => Turn.Dispose();
}
