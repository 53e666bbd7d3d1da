namespace Funion.Verification;

/// <summary>What one round says of one provider.</summary>
/// <param name="Asked">Runs that it was asked for.</param>
/// <param name="Unanswered">Of these, without an answer.</param>
/// <param name="Certified">Certified samples that it answered.</param>
/// <param name="Missed">Of these, with anything but the certified output.</param>
/// <param name="Labelled">Labelled samples that it answered.</param>
/// <param name="Right">Of these, with the right label.</param>
public sealed record ProviderEvidence(int Asked, int Unanswered, int Certified, int Missed, int Labelled, int Right);
