namespace Funion.Private.Enclaves;

/// <summary>
/// What a cloud says to its enclave and what comes back, over a pipe: one message at a time, each answered by one.
/// <code>
/// message = length of body 4 ‖ kind 1 ‖ body          little-endian
/// </code>
/// Whatever changes the enclave's state is answered by <see cref="Persist"/> first; its effect follows once the cloud has said that the state is kept.
/// </summary>
public enum EnclaveMessage : byte
{
    /// <summary>Cloud: sealed state, or nothing at the first start.</summary>
    Restore = 1,

    /// <summary>Cloud: a nonce of 32 bytes. Answered by <see cref="Identity"/>.</summary>
    Describe = 2,

    /// <summary>Cloud: a policy. Draws a key for one model; answered by <see cref="Created"/>.</summary>
    Create = 3,

    /// <summary>Cloud: model 32 ‖ what its owner sealed.</summary>
    Provide = 4,

    /// <summary>Cloud: model 32 ‖ the next ciphertext of its weights.</summary>
    Weights = 5,

    /// <summary>Cloud: model 32 ‖ what somebody asks, sealed. Answered by <see cref="Request"/>.</summary>
    Ask = 6,

    /// <summary>Cloud: query 32 ‖ a layer's product. Answered by <see cref="Request"/> or <see cref="Result"/>.</summary>
    Answer = 7,

    /// <summary>Cloud: the sealed state of a query, after a restart. Answered as <see cref="Answer"/> is.</summary>
    Resume = 8,

    /// <summary>Cloud: query 32, whose result has arrived.</summary>
    Forget = 9,

    /// <summary>Cloud: the state is kept.</summary>
    Commit = 10,

    /// <summary>Enclave: done.</summary>
    Ok = 32,

    /// <summary>Enclave: one byte of <see cref="EnclaveRefusal"/>.</summary>
    Refused = 33,

    /// <summary>Enclave: an <see cref="EnclaveIdentity"/>, then evidence for it.</summary>
    Identity = 34,

    /// <summary>Enclave: model 32 ‖ length of identity 4 ‖ identity ‖ length of the public key 4 ‖ public key ‖ evidence.</summary>
    Created = 35,

    /// <summary>Enclave: length of state 4 ‖ sealed state ‖ sealed state of the query, if this is about one.</summary>
    Persist = 36,

    /// <summary>Enclave: query 32 ‖ layer 4 ‖ its encrypted input.</summary>
    Request = 37,

    /// <summary>Enclave: query 32 ‖ receipt ‖ what is sealed for who asked.</summary>
    Result = 38,
}
