// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title  The public witness of one append-only log.
/// @notice Holds the latest head (size, root) of an RFC 6962 log and emits every head it ever held.
///         It has no owner, no proxy, no pause and no way to take a head back: what it said stays said.
/// @dev    The root is not checked against the tree here. Whoever reads an anchor proves, off chain, that the
///         anchored root is consistent with the checkpoint they hold.
contract LedgerAnchor {
    /// @notice A new head was accepted. `previousSize` chains the events without a second look-up.
    event Anchored(uint256 indexed size, bytes32 root, uint256 previousSize);

    /// The caller is not the anchorer.
    error NotAnchorer(address caller);
    /// The offered size does not exceed the held one.
    error NotGrowing(uint256 held, uint256 offered);
    /// The offered size exceeds the held one by more than `maxStep`.
    error StepTooLarge(uint256 held, uint256 offered, uint256 maxStep);
    /// The caller did not build on the held root.
    error PreviousMismatch(bytes32 held, bytes32 offered);
    /// A step of zero would make a contract that accepts nothing.
    error NoStep();

    /// @notice The only account that may anchor. Losing its key ends this contract's life; a successor is deployed.
    address public immutable anchorer;
    /// @notice The most leaves that one anchor may add, so that one wrong call cannot exhaust the size range.
    uint256 public immutable maxStep;

    uint256 private _size;
    bytes32 private _root;

    /// @param anchorer_ the account that may anchor; the zero address stands for the deployer.
    /// @param maxStep_  the most leaves that one anchor may add.
    constructor(address anchorer_, uint256 maxStep_) {
        if (maxStep_ == 0) revert NoStep();
        anchorer = anchorer_ == address(0) ? msg.sender : anchorer_;
        maxStep = maxStep_;
        // The root of an empty RFC 6962 tree, SHA-256 of nothing: the first anchor builds on it like any other.
        _root = sha256("");
    }

    /// @notice Replace the head. Strictly larger, by `maxStep` at most, and built on the head held now.
    function anchor(uint256 size, bytes32 root, bytes32 previousRoot) external {
        if (msg.sender != anchorer) revert NotAnchorer(msg.sender);
        uint256 held = _size;
        if (size <= held) revert NotGrowing(held, size);
        if (size - held > maxStep) revert StepTooLarge(held, size, maxStep);
        bytes32 heldRoot = _root;
        if (previousRoot != heldRoot) revert PreviousMismatch(heldRoot, previousRoot);
        _size = size;
        _root = root;
        emit Anchored(size, root, held);
    }

    /// @notice The latest head.
    function head() external view returns (uint256 size, bytes32 root) {
        return (_size, _root);
    }
}
